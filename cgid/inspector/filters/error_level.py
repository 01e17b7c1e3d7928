"""Error level analysis: how much each pixel changes when the picture is saved as JPEG once more."""

from __future__ import annotations

import numpy as np

from cgid.features.signals import error_level
from cgid.imaging.jpeg_encode import SUBSAMPLINGS
from cgid.imaging.luma import luma
from cgid.inspector.filter import Choice, Drawn, Filter, Slider
from cgid.inspector.overlays import in_blocks
from cgid.inspector.view import View

AS_STORED = "as the file"
FEWEST_BLOCKS = 16


def subsampling_of(view: View) -> str:
    """The file's own colour subsampling where it can be written again, else 4:2:0."""
    own = view.image.jpeg.subsampling if view.image.format == "JPEG" else ""
    return own if own in SUBSAMPLINGS else "4:2:0"


def _draw(view: View, quality: int, scale: float, subsampling: str, show: str) -> Drawn:
    if subsampling == AS_STORED:
        subsampling = subsampling_of(view)
    changed = error_level.change(view.stored, quality, subsampling)
    largest = error_level.largest(changed)
    if show == "colour":
        shown = changed
    elif show == "brightness":
        shown = luma(changed)
    else:
        shown = largest
    picture = np.minimum(shown * np.float32(scale), 255).astype(np.uint8)
    return Drawn(_finding(largest, quality, subsampling), view.upright(picture))


def _finding(error: np.ndarray, quality: int, subsampling: str) -> str:
    levels = np.bincount(error.ravel(), minlength=256)
    most = int(np.searchsorted(levels.cumsum(), 0.99 * error.size))
    said = (
        f"Saved once more at quality {quality} ({subsampling}), a pixel changes by {error.mean():.2f} levels on "
        f"average and one in a hundred by more than {most}"
    )
    if min(error.shape) < error_level.BLOCK:
        return f"{said}."
    means = in_blocks(error.astype(np.float32), error_level.BLOCK).mean(axis=-1).ravel()
    if len(means) < FEWEST_BLOCKS:
        return f"{said}."
    return f"{said}; {100 * error_level.outlier_share(means):.1f} % of the blocks stand out."


FILTER = Filter(
    name="error_level",
    title="Error level analysis (ELA)",
    shelf="Compression",
    shows="How much each pixel changes when the picture is saved as JPEG once more at the chosen quality, amplified.",
    read="Compare like with like: edges with edges, plain areas with plain areas. A part that glows more than similar "
    "parts was compressed less before it was put there; one that is darker was compressed more.",
    cannot="Edges, texture and strong colours glow in every picture, and a picture saved again as a whole shows nothing. "
    "Alone it is never proof.",
    draw=_draw,
    parameters=(
        Slider("quality", "JPEG quality", 50, 100, 90, 1),
        Slider("scale", "Amplification", 1.0, 100.0, 20.0, 1.0, "times"),
        Choice("subsampling", "Colour subsampling", (AS_STORED, *SUBSAMPLINGS), AS_STORED),
        Choice("show", "Show", ("colour", "largest of three", "brightness"), "colour"),
    ),
    cite="Krawetz, A Picture's Worth: Digital Image Analysis and Forensics, Black Hat USA 2007",
)
