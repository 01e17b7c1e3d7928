"""Histogram of one DCT frequency: an earlier quantisation leaves periodic peaks and gaps in it."""

from __future__ import annotations

import numpy as np

from cgid.features.signals import double_quantisation
from cgid.features.signals.dct_histogram import LOSSLESS_STEP, Histogram, smooth_counts
from cgid.fileformat.quantisation_tables import ijg_tables, zigzag_order
from cgid.inspector import coefficients
from cgid.inspector.filter import Choice, Filter, FilterResult, Slider
from cgid.inspector.view import View

# Standard errors. Of 450 histograms of four photographs compressed once or never, one reached 5.2 and one in 200 reached 3.5;
# of those compressed twice, the second time finer, 97 in 100 exceeded 6.
DETECTION_THRESHOLD = 6.0
MAX_SHOWN_LEVEL = 60  # levels drawn to either side of zero
MIN_BLOCKS = 64


def earlier_step(histogram: Histogram) -> tuple[int, float]:
    """(most likely first step of a histogram, standard errors by which a first step explains it better than none).

    Steps that divide the true one explain much of it too, so the likelihood decides among the steps.
    """
    steps = ijg_tables("luma")[: double_quantisation.MAX_QUALITY, zigzag_order()[histogram.mode]]
    gain = double_quantisation.gains(histogram.mode, histogram.step, len(histogram.counts))[
        :, : double_quantisation.MAX_QUALITY
    ]
    variance = (histogram.smooth + np.square(0.1 * histogram.smooth)) @ np.square(gain) + 1e-9
    errors = (histogram.counts - histogram.smooth) @ gain / np.sqrt(variance)
    # A step larger than nearly all levels is uninformative: candidates must explain half as well as the best.
    likely = np.where(errors >= errors.max() / 2, histogram.counts @ gain, -np.inf)
    return int(steps[int(likely.argmax())]), float(errors.max())


def _apply(view: View, frequency: int, scale: str) -> FilterResult:
    if view.cached(coefficients.block_coefficients)[0].size < MIN_BLOCKS:
        return FilterResult("The view has too few blocks of 8 x 8 px for a histogram.")
    step = coefficients.quantisation_step(view, frequency)
    level = coefficients.coefficient_levels(view, frequency)
    if frequency == 0:
        level = level - int(np.median(level))  # the mean brightness has no natural zero
    axis = np.arange(-MAX_SHOWN_LEVEL, MAX_SHOWN_LEVEL + 1)
    counts = np.bincount(
        (level[np.abs(level) <= MAX_SHOWN_LEVEL] + MAX_SHOWN_LEVEL).ravel(), minlength=2 * MAX_SHOWN_LEVEL + 1
    ).astype(float)
    histogram = coefficients.histogram(view, frequency) if frequency else None
    smooth, marked = np.full(len(axis), np.nan), np.zeros(len(axis), bool)
    if histogram is not None:
        reach = min(MAX_SHOWN_LEVEL, len(histogram.counts))
        smooth[MAX_SHOWN_LEVEL + 1 : MAX_SHOWN_LEVEL + 1 + reach] = smooth_counts(histogram.counts)[:reach] / 2
        smooth[MAX_SHOWN_LEVEL - reach : MAX_SHOWN_LEVEL] = smooth[MAX_SHOWN_LEVEL + 1 : MAX_SHOWN_LEVEL + 1 + reach][
            ::-1
        ]
    finding, first = _finding(histogram, frequency, step)
    if first:
        multiple = np.rint(np.arange(-MAX_SHOWN_LEVEL, MAX_SHOWN_LEVEL + 1) * first / step).astype(int)
        marked = np.isin(axis, multiple)
    shown = np.log10(counts + 1) if scale == "logarithmic" else counts
    smooth = np.log10(smooth + 1) if scale == "logarithmic" else smooth
    columns = {"value": axis * step, "count": shown, "expected": smooth, "earlier": marked, "blocks": counts}
    return FilterResult(finding, None, columns)


def _finding(histogram: Histogram | None, frequency: int, step: float) -> tuple[str, int]:
    """(sentence, first step where one shows, else 0)."""
    row, column = divmod(int(zigzag_order()[frequency]), 8)
    name = f"Frequency {frequency} ({column} across, {row} down)"
    rounded = "is not rounded by the file" if step == LOSSLESS_STEP else f"is rounded to steps of {step:g}"
    if frequency == 0:
        return f"{name} is the mean brightness of each block; it {rounded}. Peaks are not evaluated there.", 0
    if histogram is None:
        return f"{name} {rounded}; it is zero in nearly all blocks, so nothing can be concluded.", 0
    first, errors = earlier_step(histogram)
    if errors < DETECTION_THRESHOLD:
        return f"{name} {rounded}; no period of an earlier quantisation stands out ({errors:.1f} standard errors).", 0
    return (
        f"{name} {rounded} and fits an earlier quantisation with steps of about {first} ({errors:.0f} standard errors).",
        first,
    )


FILTER = Filter(
    name="dct_histograms",
    title="DCT histograms",
    category="Compression",
    shows="How often each strength of one pattern of brightness occurs in the 8 x 8 blocks. The line is the expected "
    "distribution; marked bars are where an earlier, coarser quantisation would put its peaks.",
    read="Bars that fall smoothly to both sides: compressed once. Bars that rise and fall periodically, with peaks at the "
    "marks and gaps between: compressed twice, first with the step stated.",
    cannot="A second compression that is coarser than the first hides it, as does a crop between the two. Double "
    "compression is common: most images on the web have it. Brightness only.",
    apply=_apply,
    parameters=(
        Slider("frequency", "Frequency (zig-zag order)", 0, 63, 2, 1),
        Choice("scale", "Scale", ("plain", "logarithmic"), "logarithmic"),
    ),
    chart="dct_histogram",
    cite="Lukáš and Fridrich, Estimation of primary quantization matrix in double compressed JPEG images, DFRWS 2003; "
    "Popescu and Farid, Statistical tools for digital forensics, IH 2004",
)
