"""Sample: a computed picture with the invisible mark that Stable Diffusion's reference program writes."""

from __future__ import annotations

from cgid.features.groups.watermark import PAYLOADS
from cgid.forensics.samples.hidden_mark import written
from cgid.forensics.samples.sample import Sample
from cgid.forensics.samples.scenes import png, rendered

MARK = "Stable Diffusion 1"

SAMPLE = Sample(
    name="watermarked",
    title="Invisible mark",
    shows="The mark that Stable Diffusion's reference program hides in the colours, written here by us.",
    suffix=".png",
    make=lambda: png(written(rendered(9), PAYLOADS[MARK])),
    order=60,
)
