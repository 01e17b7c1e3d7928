"""Evidence maps of an image: those of the feature groups, the spectrum with its peaks, Model A's occlusion map."""

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
from cgid.inspector.filter import Filter, FilterResult
from cgid.inspector.view import View
from cgid.models.occlusion import CAUTION, LEGEND, crop_to_region, occlusion, overlay
from cgid.models.onnx_model import OnnxModel

OCCLUSION_KEY = "model_a.looked"
OCCLUSION_TITLE = "Model A: occlusion map"


def occlusion_map(models: Models | None = None) -> dict[str, Map]:
    """{OCCLUSION_KEY: map} by the network of `models`, the current ones by default; {} where there is none."""
    network = (models or current_models()).network
    if network is None:
        return {}
    return {OCCLUSION_KEY: Map("looked", OCCLUSION_TITLE, partial(_draw, network), LEGEND, CAUTION)}


def _draw(network: OnnxModel, image: ImageFile) -> np.ndarray:
    return overlay(*crop_to_region(image.rgb, occlusion(network, image.rgb)))


PEAKS_KEY = "spectrum.peaks"
PEAKS_SIDE = 1024  # px of the centre crop; smaller images are used whole


def spectrum_filter() -> Filter:
    from cgid.inspector.filters.spectrum import FILTER

    return FILTER


def peaks_map() -> dict[str, Map]:
    """{PEAKS_KEY: map} of the spectrum with its peaks marked."""
    spectrum = spectrum_filter()
    return {PEAKS_KEY: Map("peaks", spectrum.title, peaks_picture, spectrum.read, spectrum.cannot)}


def peaks_result(image: ImageFile) -> FilterResult:
    """Spectrum and finding of the centre of the image; `image.cached(peaks_result)` computes it once."""
    return spectrum_filter().run(View.at(image, 0.5, 0.5, PEAKS_SIDE))


def peaks_picture(image: ImageFile) -> np.ndarray:
    from cgid.imaging.display import thumbnail

    picture = image.cached(peaks_result).picture
    assert picture is not None, "this filter always gives a picture"
    return thumbnail(picture)


LOSSLESS_PIXELS = 300 * 300  # small maps are stored without loss


def all_maps(models: Models | None = None) -> dict[str, Map]:
    """{`<group>.<map>`: map} in the order of the groups, then the spectrum with its peaks, then the occlusion map of
    the Model A of `models`, the current one by default.
    """
    group_maps = {f"{key}.{m.name}": m for key, group in all_groups().items() for m in group.maps}
    return group_maps | peaks_map() | occlusion_map(models)


def maps(image: ImageFile, names: Iterable[str] | None = None, models: Models | None = None) -> dict[str, np.ndarray]:
    """{`<group>.<map>`: uint8 (H, W) or (H, W, 3)} of the requested maps, all by default.

    A map that fails on this image (one pixel has no spectrum) is logged and left out.

    Raises KeyError on an unknown name.
    """
    available = all_maps(models)
    pictures: dict[str, np.ndarray] = {}
    for name in available if names is None else names:
        single_map = available[name]
        try:
            pictures[name] = single_map.draw(image)
        except Exception as problem:  # one failing map must not cost the others
            logging.getLogger(__name__).warning("no map %s of %s: %r", name, image.name, problem)
    return pictures


def encode_map(picture: np.ndarray) -> bytes:
    """A map as an image file for a page: PNG where small, else JPEG 4:4:4, since encoding a large PNG takes ten times
    as long as computing the map.
    """
    from PIL import Image

    if picture.shape[0] * picture.shape[1] > LOSSLESS_PIXELS:
        return encode(picture, 90, "4:4:4")
    buffer = BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    return buffer.getvalue()
