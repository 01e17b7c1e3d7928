"""The pictures of evidence beside an image: every feature group's maps, by being registered, and Model A's."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from io import BytesIO

import numpy as np

from cgid.features.group import Map
from cgid.features.image import ImageFile
from cgid.features.registry import all_groups
from cgid.forensics.looked import looked
from cgid.forensics.models import Models
from cgid.forensics.peaks_map import peaks_map
from cgid.imaging.jpeg_encode import encode

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
