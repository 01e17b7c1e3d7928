"""The spectrum with its peaks ringed, as the bench draws it, among the maps of a checked image."""

from __future__ import annotations

import numpy as np

from cgid.bench.filter import Drawn, Filter
from cgid.bench.view import View
from cgid.features.group import Map
from cgid.features.image import ImageFile

KEY = "spectrum.peaks"
SIDE = 1024  # px of the picture's middle; what is smaller is taken whole


def about() -> Filter:
    from cgid.bench.filters.spectrum import FILTER

    return FILTER


def peaks_map() -> dict[str, Map]:
    """{KEY: map}."""
    one = about()
    return {KEY: Map("peaks", one.title, picture, one.read, one.cannot)}


def drawn(image: ImageFile) -> Drawn:
    """Picture and finding of the middle of the image; `image.once(drawn)` keeps it."""
    return about().run(View.at(image, 0.5, 0.5, SIDE))


def picture(image: ImageFile) -> np.ndarray:
    from cgid.features.display import fit

    return fit(image.once(drawn).picture)
