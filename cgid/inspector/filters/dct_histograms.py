"""Histogram of one DCT frequency: a first rounding leaves peaks and gaps in it, in the rhythm of its step."""

from __future__ import annotations

import numpy as np

from cgid.features.signals import double_quantisation
from cgid.features.signals.dct_histogram import LOSSLESS_STEP, Histogram, course
from cgid.fileformat.quantisation_tables import ijg_tables, zigzag
from cgid.inspector import coefficients
from cgid.inspector.filter import Choice, Drawn, Filter, Slider
from cgid.inspector.view import View

# Standard errors. Of 450 histograms of four photographs saved once or never, one reached 5.2 and one in 200 reached 3.5;
# of those saved twice, the second time finer, 97 in 100 passed 6.
SEEN = 6.0
REACH = 60  # levels drawn to either side of zero
FEWEST_BLOCKS = 64


def earlier_step(found: Histogram) -> tuple[int, float]:
    """(likeliest first step of a histogram, standard errors by which some first step explains it better than none).

    Steps that divide the true one explain much of it too, with little risk of being wrong: so the likelihood chooses.
    """
    steps = ijg_tables("luma")[: double_quantisation.FINEST, zigzag()[found.mode]]
    gain = double_quantisation.gains(found.mode, found.step, len(found.counts))[:, : double_quantisation.FINEST]
    variance = (found.smooth + np.square(0.1 * found.smooth)) @ np.square(gain) + 1e-9
    errors = (found.counts - found.smooth) @ gain / np.sqrt(variance)
    # A step beyond nearly all levels says nothing about them: only what explains half as well as the best may be chosen.
    likely = np.where(errors >= errors.max() / 2, found.counts @ gain, -np.inf)
    return int(steps[int(likely.argmax())]), float(errors.max())


def _draw(view: View, frequency: int, scale: str) -> Drawn:
    if view.once(coefficients.blocks)[0].size < FEWEST_BLOCKS:
        return Drawn("The view has too few blocks of 8 x 8 px for a histogram.")
    step = coefficients.step_of(view, frequency)
    level = coefficients.levels(view, frequency)
    if frequency == 0:
        level = level - int(np.median(level))  # the mean brightness has no zero of its own
    half = np.arange(-REACH, REACH + 1)
    counts = np.bincount((level[np.abs(level) <= REACH] + REACH).ravel(), minlength=2 * REACH + 1).astype(float)
    found = coefficients.histogram(view, frequency) if frequency else None
    smooth, marked = np.full(len(half), np.nan), np.zeros(len(half), bool)
    if found is not None:
        reach = min(REACH, len(found.counts))
        smooth[REACH + 1 : REACH + 1 + reach] = course(found.counts)[:reach] / 2
        smooth[REACH - reach : REACH] = smooth[REACH + 1 : REACH + 1 + reach][::-1]
    said, first = _finding(found, frequency, step)
    if first:
        multiple = np.rint(np.arange(-REACH, REACH + 1) * first / step).astype(int)
        marked = np.isin(half, multiple)
    shown = np.log10(counts + 1) if scale == "logarithmic" else counts
    smooth = np.log10(smooth + 1) if scale == "logarithmic" else smooth
    columns = {"value": half * step, "count": shown, "expected": smooth, "earlier": marked, "blocks": counts}
    return Drawn(said, None, columns)


def _finding(found: Histogram | None, frequency: int, step: float) -> tuple[str, int]:
    """(sentence, first step where one shows, else 0)."""
    row, column = divmod(int(zigzag()[frequency]), 8)
    where = f"Frequency {frequency} ({column} across, {row} down)"
    rounded = "is not rounded by the file" if step == LOSSLESS_STEP else f"is rounded to steps of {step:g}"
    if frequency == 0:
        return f"{where} is the mean brightness of each block; it {rounded}. Peaks are not judged there.", 0
    if found is None:
        return f"{where} {rounded}; nearly all blocks have none of it, so nothing can be told.", 0
    first, errors = earlier_step(found)
    if errors < SEEN:
        return f"{where} {rounded}; no rhythm of an earlier rounding stands out ({errors:.1f} standard errors).", 0
    return (
        f"{where} {rounded} and fits an earlier rounding to steps of about {first} ({errors:.0f} standard errors).",
        first,
    )


FILTER = Filter(
    name="dct_histograms",
    title="DCT histograms",
    shelf="Compression",
    shows="How often each strength of one pattern of brightness occurs in the 8 x 8 blocks. The line is the course to be "
    "expected; marked bars are where an earlier, coarser rounding would put its peaks.",
    read="Bars that fall smoothly to both sides: saved once. Bars that rise and fall in a rhythm, with peaks at the marks "
    "and gaps between: saved twice, first with the step that is named.",
    cannot="A second save that is coarser than the first hides it, and so does a crop between the two. Being saved twice "
    "is ordinary: most pictures on the web are. Brightness only.",
    draw=_draw,
    parameters=(
        Slider("frequency", "Frequency (zig-zag order)", 0, 63, 2, 1),
        Choice("scale", "Scale", ("plain", "logarithmic"), "logarithmic"),
    ),
    chart="dct_histogram",
    cite="Lukáš and Fridrich, Estimation of primary quantization matrix in double compressed JPEG images, DFRWS 2003; "
    "Popescu and Farid, Statistical tools for digital forensics, IH 2004",
)
