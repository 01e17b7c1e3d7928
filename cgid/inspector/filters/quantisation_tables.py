"""Lays a JPEG's quantisation tables beside those of the standard's encoder: who saved it leaves a signature there."""

from __future__ import annotations

import numpy as np

from cgid.fileformat.quantisation_tables import ijg_tables, nearest_quality, of_mozjpeg, zigzag
from cgid.inspector.filter import Choice, Drawn, Filter
from cgid.inspector.view import View

COLOUR = "colour"
LUMA = "brightness"


def table_of(view: View, plane: str) -> tuple[int, ...] | None:
    """The 64 steps of the file's first (brightness) or second (colour) component in zig-zag order, where it has them."""
    jpeg = view.image.jpeg
    at = 1 if plane == COLOUR else 0
    return jpeg.tables.get(jpeg.components[at].table) if at < len(jpeg.components) else None


def _draw(view: View, plane: str, against: str) -> Drawn:
    if view.image.format != "JPEG":
        return Drawn(f"A {view.image.format} file holds no quantisation tables.")
    table = table_of(view, plane)
    if table is None:
        return Drawn(f"The file holds no table for {plane}.")
    encoder = "mozjpeg" if against == "mozjpeg" else "luma" if plane == LUMA else "chroma"
    quality, distance = nearest_quality(table, encoder)
    own = np.empty(64)
    own[zigzag()] = table
    theirs = ijg_tables(encoder)[quality - 1].astype(float)
    place = np.tile(np.arange(64), 2)
    columns = {
        "table": np.repeat(["this file", f"{against}, quality {quality}"], 64),
        "row": place // 8,
        "column": place % 8,
        "step": np.concatenate([own, theirs]),
        "differs": np.tile(own != theirs, 2),
    }
    return Drawn(_finding(view, plane, against, quality, distance), None, columns)


def _finding(view: View, plane: str, against: str, quality: int, distance: float) -> str:
    jpeg = view.image.jpeg
    luma, colour = table_of(view, LUMA), table_of(view, COLOUR)
    if distance == 0:
        said = f"The {plane} table is exactly that of {against} at quality {quality}"
    else:
        said = f"The {plane} table is not one of {against}; the nearest is quality {quality}"
    if luma and of_mozjpeg(luma, colour if colour != luma else None):
        said += "; the tables are mozjpeg's, as many web services write them"
    elif luma and colour == luma:
        said += "; brightness and colour use one and the same table"
    return f"{said} (colour subsampling {jpeg.subsampling})."


FILTER = Filter(
    name="quantisation_tables",
    title="Quantisation tables",
    shelf="Compression",
    shows="The steps to which the JPEG rounds each of its 64 frequencies, beside the nearest of a known encoder. "
    "Upper left: slow changes; lower right: finest detail. Framed steps differ.",
    read="Small steps mean high quality. Most software uses the standard's tables scaled by a quality; cameras, "
    "Photoshop and some services have their own. A photo said to come straight from a camera with the standard's "
    "tables was usually saved again.",
    cannot="Tables can be copied on purpose, and they tell of the last save only.",
    draw=_draw,
    parameters=(
        Choice("plane", "Table", (LUMA, COLOUR), LUMA),
        Choice("against", "Beside", ("the standard", "mozjpeg"), "the standard"),
    ),
    chart="quantisation_tables",
    cite="ITU-T T.81, annex K; Independent JPEG Group's libjpeg; mozjpeg",
)
