"""Shows where neighbouring pixels are equal too often: the streaks that a median filter leaves."""

from __future__ import annotations

import numpy as np

from cgid.imaging.display import heat, stretch
from cgid.inspector.filter import Choice, Drawn, Filter, Slider
from cgid.inspector.overlays import hatched, in_blocks, over_pixels
from cgid.inspector.view import View

CHANNELS = {"green": 1, "red": 0, "blue": 2}
SEEN = 2.2  # reached by 0 to 19 % of the blocks of four unaltered photographs, and by 59 to 98 % after a 3 x 3 median
LEAST_CONTRAST = 2.0  # levels: mean step between neighbours; in smoother blocks equal pixels are ordinary
LEAST_SHARE = 0.25  # of a block's pairs that must be neither black nor white


def streaking(values: np.ndarray, side: int) -> np.ndarray:
    """float32 (rows, columns): how much oftener neighbours are equal than one level apart; NaN where it cannot be told.

    values: uint8 (h, w). side: px of a block. About 1 in a picture with grain: a step of +1 is as frequent as none.
    """
    pairs = [(values[:, :-1], values[:, 1:]), (values[:-1], values[1:])]
    equal, beside, step, counted = (np.zeros(values.shape, np.float32) for _ in range(4))
    for one, two in pairs:
        size = np.abs(one.astype(np.int16) - two)
        clipped = ((one == 0) & (two == 0)) | ((one == 255) & (two == 255))
        where = np.s_[: size.shape[0], : size.shape[1]]
        equal[where] += (size == 0) & ~clipped
        beside[where] += size == 1
        step[where] += size
        counted[where] += ~clipped
    equal, beside, step, counted = (in_blocks(each, side).mean(axis=-1) for each in (equal, beside, step, counted))
    told = (counted > 2 * LEAST_SHARE) & (step > LEAST_CONTRAST * counted)
    ratio = equal / (beside / 2 + np.float32(0.005))
    return np.where(told, ratio, np.float32(np.nan))


def _draw(view: View, channel: str, side: int) -> Drawn:
    values = np.ascontiguousarray(view.rgb[..., CHANNELS[channel]])
    found = streaking(values, side)
    told = ~np.isnan(found)
    shape = values.shape
    doubt = over_pixels(~told, side, shape)
    if not told.any():
        return Drawn("No part has the grain that it takes to tell.", hatched(np.zeros(shape, np.uint8), doubt))
    drawn = heat(over_pixels(stretch(np.log2(np.maximum(np.nan_to_num(found), 0.5)), -0.5, 2.5), side, shape))
    lines = hatched(drawn[..., 0], doubt)
    picture = np.where(doubt[..., None], lines[..., None], drawn)
    share = float((found[told] >= SEEN).mean())
    finding = (
        f"Neighbours are equal {np.median(found[told]):.1f} times as often as one level apart each way; "
        f"{100 * share:.0f} % of the blocks with grain look median-filtered ({SEEN:g} times and more)."
    )
    return Drawn(finding, picture)


FILTER = Filter(
    name="median_filter_traces",
    title="Median filter traces",
    shelf="Copies and repairs",
    shows="How often neighbouring pixels are exactly equal, against how often they are one level apart: bright where a "
    "median filter (dust and scratch removal, skin smoothing, hiding of other traces) left its streaks. Hatched: too "
    "smooth or too black or white to tell.",
    read="A bright area with an outline was smoothed by itself. All bright: the whole picture was filtered, or has few "
    "levels. Scattered bright blocks, up to one in five, are ordinary.",
    cannot="JPEG wipes the streaks out, even at quality 95: it works on PNG, TIFF and the like. Graphics, and pictures "
    "stretched from few levels, are bright by nature.",
    draw=_draw,
    parameters=(
        Choice("channel", "Channel", tuple(CHANNELS), "green"),
        Slider("side", "Block size", 16, 96, 32, 8, "px"),
    ),
    cite="Kirchner and Fridrich, On detection of median filtering in digital images, Media Forensics and Security, 2010",
)
