"""The image itself: what every published network expects, and what pretrained weights were trained on."""

from __future__ import annotations

from cgid.models.representation import Representation

REPRESENTATION = Representation(
    name="rgb",
    title="RGB (the image itself)",
    meaning="The network sees the colours of the image as they are.",
)
