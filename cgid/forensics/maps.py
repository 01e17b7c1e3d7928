"""The pictures of evidence beside an image: every feature group's maps, by being registered, and Model A's.

The map of where the promoted Model A looked, among the maps of a checked image.

The spectrum with its peaks ringed, as the bench draws it, among the maps of a checked image.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import partial
from io import BytesIO

import numpy as np

from cgid.features.group import Map
from cgid.features.registry import all_groups
from cgid.forensics.models import Models, current_models
from cgid.imaging.image_file import ImageFile
from cgid.imaging.jpeg_encode import encode
from cgid.inspector.filter import Drawn, Filter
from cgid.inspector.view import View
from cgid.models.occlusion import CAUTION, LEGEND, closer, occlusion, overlay
from cgid.models.onnx_model import OnnxModel

KEY = "model_a.looked"
TITLE = "Model A: where it looked"


def looked(models: Models | None = None) -> dict[str, Map]:
    """{KEY: map} by the network of `models`, by default that which answers checks now; {} where there is none."""
    network = (models or current_models()).network
    return {} if network is None else {KEY: Map("looked", TITLE, partial(_draw, network), LEGEND, CAUTION)}


def _draw(network: OnnxModel, image: ImageFile) -> np.ndarray:
    return overlay(*closer(image.rgb, occlusion(network, image.rgb)))


PEAKS_KEY = "spectrum.peaks"
SIDE = 1024  # px of the picture's middle; what is smaller is taken whole


def about() -> Filter:
    from cgid.inspector.filters.spectrum import FILTER

    return FILTER


def peaks_map() -> dict[str, Map]:
    """{KEY: map}."""
    one = about()
    return {PEAKS_KEY: Map("peaks", one.title, picture, one.read, one.cannot)}


def drawn(image: ImageFile) -> Drawn:
    """Picture and finding of the middle of the image; `image.once(drawn)` keeps it."""
    return about().run(View.at(image, 0.5, 0.5, SIDE))


def picture(image: ImageFile) -> np.ndarray:
    from cgid.imaging.display import fit

    return fit(image.once(drawn).picture)


LOSSLESS_PIXELS = 300 * 300  # the pixels of small maps are looked at one by one


def all_maps(models: Models | None = None) -> dict[str, Map]:
    """{`<group>.<map>`: map} in the groups' order, then the ringed spectrum, last where Model A of `models` looked, the
    promoted one by default."""
    own = {f"{key}.{m.name}": m for key, group in all_groups().items() for m in group.maps}
    return own | peaks_map() | looked(models)


def maps(image: ImageFile, names: Iterable[str] | None = None, models: Models | None = None) -> dict[str, np.ndarray]:
    """{`<group>.<map>`: uint8 (H, W) or (H, W, 3)} of the maps asked for, all by default.

    A map that fails on this image (one pixel has no spectrum) is left out and logged.

    Raises KeyError on a name that no group has.
    """
    known = all_maps(models)
    drawn: dict[str, np.ndarray] = {}
    for name in known if names is None else names:
        wanted = known[name]
        try:
            drawn[name] = wanted.draw(image)
        except Exception as problem:  # the edge where one picture beside the answer fails and the others stand
            logging.getLogger(__name__).warning("no map %s of %s: %r", name, image.name, problem)
    return drawn


def encoded(picture: np.ndarray) -> bytes:
    """A map as a file for a page: PNG where small, JPEG without halved colour where large, since PNG costs ten times
    what drawing the map did."""
    from PIL import Image

    if picture.shape[0] * picture.shape[1] > LOSSLESS_PIXELS:
        return encode(picture, 90, "4:4:4")
    buffer = BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    return buffer.getvalue()
