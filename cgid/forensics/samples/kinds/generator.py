"""Sample: what a simulated generator makes, without a word in the file about it."""

from __future__ import annotations

from cgid.forensics.samples.sample import Sample
from cgid.forensics.samples.scenes import png, rendered

SAMPLE = Sample(
    name="generator",
    title="Simulated generator",
    shows="Computed, not photographed, and the file says nothing of it: only the pixels can tell.",
    suffix=".png",
    make=lambda: png(rendered(11)),
    order=20,
    filters=("cfa", "npr_residual"),
)
