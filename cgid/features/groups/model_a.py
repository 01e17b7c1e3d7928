"""Model A's probability as a feature, out-of-fold for images that Model A was trained on.

Wolpert, Stacked Generalization, Neural Networks 1992: a second model may only see what the first says about images it
has not learned. An image that Model A was trained on without a fold that left it out has no honest value: NaN.
The group measures nothing until `cgid.extraction.model_a.bind` ties it to a run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cgid.features.group import Feature, FeatureGroup

if TYPE_CHECKING:
    from cgid.imaging.image_file import ImageFile


def compute(image: ImageFile) -> dict[str, float]:
    """Without a run there is no value."""
    return {}


GROUP = FeatureGroup(
    key="model_a",
    title="Model A",
    family="model",
    prefix="ml",
    version=1,
    meaning="What the image network says, never about an image it was trained on.",
    features=(
        Feature(
            "probability",
            "Model A's probability",
            "Probability that the image is AI-made by the network, before calibration",
            "share 0..1",
        ),
    ),
    compute=compute,
    cite="Wolpert, Stacked Generalization, Neural Networks 5(2), 1992",
    not_applicable="Without a Model A, and for images it learned from of which no other fold speaks.",
    weakness="As good as the data Model A learned from; confident on images unlike any of them too.",
)
