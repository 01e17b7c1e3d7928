"""Sample: a computed picture with the text that a widespread generator program writes into its PNG files."""

from __future__ import annotations

from PIL import PngImagePlugin

from cgid.forensics.samples.sample import Sample
from cgid.forensics.samples.scenes import png, rendered

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


SAMPLE = Sample(
    name="metadata",
    title="Generator's own text",
    shows="Prompt, seed and model stand in the file, as Stable Diffusion WebUI writes them; made up here.",
    suffix=".png",
    make=_make,
    order=70,
)
