"""Samples: generated images of the demo's test split, without metadata, with generator metadata, with a watermark."""

from __future__ import annotations

from PIL import PngImagePlugin

from cgid.features.groups.watermark import PAYLOADS
from cgid.forensics.samples.embed import embed_watermark
from cgid.forensics.samples.gallery import first_demo_image
from cgid.forensics.samples.sample import Sample, png, render_scene

DEMO_AI = Sample(
    name="demo_ai",
    title="Demo AI image",
    shows="An image of a simulated generator from the demo's test split; the demo's models were not trained on it.",
    suffix=".jpg",
    make=lambda: first_demo_image("ai"),
    order=2,
    cacheable=False,
)


GENERATOR = Sample(
    name="generator",
    title="Simulated generator",
    shows="Rendered, not photographed, without any metadata about it: only the pixels give evidence.",
    suffix=".png",
    make=lambda: png(render_scene(11)),
    order=20,
    filters=("cfa", "npr_residual"),
)


PARAMETERS = (
    "a purple sphere and two boxes on a sandy floor, soft light (cgid sample, simulated)\n"
    "Negative prompt: blurry, text\n"
    "Steps: 28, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 20260704, Size: 320x320, Model hash: 0123abcd45, "
    "Model: simulated-sample, Version: v1.7.0"
)


def _make_metadata() -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("parameters", PARAMETERS)
    return png(render_scene(4), pnginfo=texts)


METADATA = Sample(
    name="metadata",
    title="Generator metadata",
    shows="Prompt, seed and model in the file, in the format of Stable Diffusion WebUI; the values are invented.",
    suffix=".png",
    make=_make_metadata,
    order=70,
)


WATERMARK = "Stable Diffusion 1"

WATERMARKED = Sample(
    name="watermarked",
    title="Invisible watermark",
    shows="The watermark that Stable Diffusion's reference program hides in the colours, embedded here by cgid.",
    suffix=".png",
    make=lambda: png(embed_watermark(render_scene(9), PAYLOADS[WATERMARK])),
    order=60,
)

SAMPLES = (
    DEMO_AI,
    GENERATOR,
    METADATA,
    WATERMARKED,
)
