"""Error level analysis: how much each pixel changes when the image is recompressed as JPEG."""

from __future__ import annotations

import numpy as np

from cgid.features.signals import error_level
from cgid.imaging.jpeg_encode import SUBSAMPLINGS
from cgid.imaging.luma import luma
from cgid.inspector.filter import Choice, Filter, FilterResult, Slider
from cgid.inspector.overlays import split_blocks
from cgid.inspector.view import View

AS_FILE = "as the file"
MIN_BLOCKS = 16


def subsampling_of(view: View) -> str:
    """The file's own chroma subsampling if it can be reproduced, otherwise 4:2:0."""
    own = view.image.jpeg.subsampling if view.image.format == "JPEG" else ""
    return own if own in SUBSAMPLINGS else "4:2:0"


def _apply(view: View, quality: int, scale: float, subsampling: str, show: str) -> FilterResult:
    if subsampling == AS_FILE:
        subsampling = subsampling_of(view)
    changed = error_level.recompression_error(view.stored, quality, subsampling)
    largest = error_level.largest_channel(changed)
    if show == "colour":
        shown = changed
    elif show == "brightness":
        shown = luma(changed)
    else:
        shown = largest
    picture = np.minimum(shown * np.float32(scale), 255).astype(np.uint8)
    return FilterResult(_finding(largest, quality, subsampling), view.upright(picture))


def _finding(error: np.ndarray, quality: int, subsampling: str) -> str:
    levels = np.bincount(error.ravel(), minlength=256)
    percentile = int(np.searchsorted(levels.cumsum(), 0.99 * error.size))
    text = (
        f"Recompressed at quality {quality} ({subsampling}), a pixel changes by {error.mean():.2f} levels on "
        f"average and one in a hundred by more than {percentile}"
    )
    if min(error.shape) < error_level.BLOCK:
        return f"{text}."
    means = split_blocks(error.astype(np.float32), error_level.BLOCK).mean(axis=-1).ravel()
    if len(means) < MIN_BLOCKS:
        return f"{text}."
    return f"{text}; {100 * error_level.outlier_fraction(means):.1f} % of the blocks stand out."


FILTER = Filter(
    name="error_level",
    title="Error level analysis (ELA)",
    category="Compression",
    shows="How much each pixel changes when the image is recompressed as JPEG at the chosen quality, amplified.",
    read="Compare like with like: edges with edges, plain areas with plain areas. A part brighter than similar "
    "parts was compressed less before it was inserted; one that is darker was compressed more.",
    cannot="Edges, texture and strong colours are bright in every image, and an image recompressed as a whole shows nothing. "
    "It is never proof on its own.",
    apply=_apply,
    parameters=(
        Slider("quality", "JPEG quality", 50, 100, 90, 1),
        Slider("scale", "Amplification", 1.0, 100.0, 20.0, 1.0, "times"),
        Choice("subsampling", "Chroma subsampling", (AS_FILE, *SUBSAMPLINGS), AS_FILE),
        Choice("show", "Show", ("colour", "largest of three", "brightness"), "colour"),
    ),
    cite="Krawetz, A Image's Worth: Digital Image Analysis and Forensics, Black Hat USA 2007",
)
