"""Sample: a simulated AI image of the embedded demo's test split, which no model learned from.

Sample: what a simulated generator makes, without a word in the file about it.

Sample: a computed picture with the text that a widespread generator program writes into its PNG files.

Sample: a computed picture with the invisible mark that Stable Diffusion's reference program writes.
"""

from __future__ import annotations

from PIL import PngImagePlugin

from cgid.features.groups.watermark import PAYLOADS
from cgid.forensics.samples.embed import written
from cgid.forensics.samples.gallery import first_of
from cgid.forensics.samples.sample import Sample, png, rendered

DEMO_AI = Sample(
    name="demo_ai",
    title="Demo AI image",
    shows="A simulated generator's picture of the demo's test set: the demo's models have not seen it.",
    suffix=".jpg",
    make=lambda: first_of("ai"),
    order=2,
    kept=False,
)


GENERATOR = Sample(
    name="generator",
    title="Simulated generator",
    shows="Computed, not photographed, and the file says nothing of it: only the pixels can tell.",
    suffix=".png",
    make=lambda: png(rendered(11)),
    order=20,
    filters=("cfa", "npr_residual"),
)


PARAMETERS = (
    "a purple sphere and two boxes on a sandy floor, soft light (cgid sample, simulated)\n"
    "Negative prompt: blurry, text\n"
    "Steps: 28, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 20260704, Size: 320x320, Model hash: 0123abcd45, "
    "Model: simulated-sample, Version: v1.7.0"
)


def _make() -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("parameters", PARAMETERS)
    return png(rendered(4), pnginfo=texts)


METADATA = Sample(
    name="metadata",
    title="Generator's own text",
    shows="Prompt, seed and model stand in the file, as Stable Diffusion WebUI writes them; made up here.",
    suffix=".png",
    make=_make,
    order=70,
)


MARK = "Stable Diffusion 1"

WATERMARKED = Sample(
    name="watermarked",
    title="Invisible mark",
    shows="The mark that Stable Diffusion's reference program hides in the colours, written here by us.",
    suffix=".png",
    make=lambda: png(written(rendered(9), PAYLOADS[MARK])),
    order=60,
)

SAMPLES = (
    DEMO_AI,
    GENERATOR,
    METADATA,
    WATERMARKED,
)
