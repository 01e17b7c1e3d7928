"""Model A's probability as a feature, out-of-fold for images that Model A was trained on.

Wolpert, Stacked Generalization, Neural Networks 1992: a second model may only see predictions of the first for
images outside its training set. An image that Model A was trained on and that no fold held out has no valid value: NaN.
The group has no values until `cgid.extraction.model_a.bind` binds it to a run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cgid.features.group import Feature, FeatureGroup

if TYPE_CHECKING:
    from cgid.imaging.image_file import ImageFile


def compute(image: ImageFile) -> dict[str, float]:
    """Returns nothing: without a run there is no value."""
    return {}


GROUP = FeatureGroup(
    key="model_a",
    title="Model A",
    family="model",
    prefix="ml",
    version=1,
    meaning="Prediction of the image network, never for an image it was trained on.",
    features=(
        Feature(
            "probability",
            "Model A's probability",
            "The network's probability that the image is AI-generated, before calibration",
            "share 0..1",
        ),
    ),
    compute=compute,
    cite="Wolpert, Stacked Generalization, Neural Networks 5(2), 1992",
    not_applicable="Without a Model A, and for training images that no fold held out.",
    weakness="Only as good as Model A's training data; may be confident on images unlike any of them.",
)
