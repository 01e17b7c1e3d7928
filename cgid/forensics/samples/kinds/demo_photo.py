"""Sample: a photograph of the embedded demo's test split, which no model learned from."""

from __future__ import annotations

from cgid.forensics.samples.demo_split import first_of
from cgid.forensics.samples.sample import Sample

SAMPLE = Sample(
    name="demo_photo",
    title="Demo photo",
    shows="A simulated camera's picture of the demo's test set: the demo's models have not seen it.",
    suffix=".jpg",
    make=lambda: first_of("real"),
    order=1,
    kept=False,
)
