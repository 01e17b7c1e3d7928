"""Compares a JPEG's quantisation tables with those of known encoders: they are a signature of the last software."""

from __future__ import annotations

import numpy as np

from cgid.fileformat.quantisation_tables import ijg_tables, is_mozjpeg, nearest_quality, zigzag_order
from cgid.inspector.filter import Choice, Filter, FilterResult
from cgid.inspector.view import View

COLOUR = "colour"
BRIGHTNESS = "brightness"


def table_of(view: View, plane: str) -> tuple[int, ...] | None:
    """The 64 steps of the file's first (brightness) or second (colour) component in zig-zag order, or None."""
    jpeg = view.image.jpeg
    at = 1 if plane == COLOUR else 0
    return jpeg.tables.get(jpeg.components[at].table) if at < len(jpeg.components) else None


def _apply(view: View, plane: str, against: str) -> FilterResult:
    if view.image.format != "JPEG":
        return FilterResult(f"A {view.image.format} file holds no quantisation tables.")
    table = table_of(view, plane)
    if table is None:
        return FilterResult(f"The file holds no table for {plane}.")
    encoder = "mozjpeg" if against == "mozjpeg" else "luma" if plane == BRIGHTNESS else "chroma"
    quality, distance = nearest_quality(table, encoder)
    own = np.empty(64)
    own[zigzag_order()] = table
    theirs = ijg_tables(encoder)[quality - 1].astype(float)
    place = np.tile(np.arange(64), 2)
    columns = {
        "table": np.repeat(["this file", f"{against}, quality {quality}"], 64),
        "row": place // 8,
        "column": place % 8,
        "step": np.concatenate([own, theirs]),
        "differs": np.tile(own != theirs, 2),
    }
    return FilterResult(_finding(view, plane, against, quality, distance), None, columns)


def _finding(view: View, plane: str, against: str, quality: int, distance: float) -> str:
    jpeg = view.image.jpeg
    luma, colour = table_of(view, BRIGHTNESS), table_of(view, COLOUR)
    if distance == 0:
        text = f"The {plane} table is exactly that of {against} at quality {quality}"
    else:
        text = f"The {plane} table is not one of {against}; the nearest is quality {quality}"
    if luma and is_mozjpeg(luma, colour if colour != luma else None):
        text += "; the tables are mozjpeg's, as many web services write them"
    elif luma and colour == luma:
        text += "; brightness and colour share one table"
    return f"{text} (colour subsampling {jpeg.subsampling})."


FILTER = Filter(
    name="quantisation_tables",
    title="Quantisation tables",
    category="Compression",
    shows="The steps to which the JPEG rounds each of its 64 frequencies, compared with the nearest of a known encoder. "
    "Upper left: slow changes; lower right: finest detail. Framed steps differ.",
    read="Small steps mean high quality. Most software uses the standard's tables scaled by a quality; cameras, "
    "Photoshop and some services have their own. A photo claimed to come straight from a camera but with the standard's "
    "tables was usually recompressed.",
    cannot="Tables can be copied deliberately, and they describe only the last compression.",
    apply=_apply,
    parameters=(
        Choice("plane", "Table", (BRIGHTNESS, COLOUR), BRIGHTNESS),
        Choice("against", "Compare with", ("the standard", "mozjpeg"), "the standard"),
    ),
    chart="quantisation_tables",
    cite="ITU-T T.81, annex K; Independent JPEG Group's libjpeg; mozjpeg",
)
