"""Cosine spectrum: generators leave grids and too little or too much fine detail among the DCT coefficients.

Log size of the two-dimensional DCT of the picture: Frank et al., Leveraging Frequency Analysis for Deep Fake Image
Recognition, ICML 2020, arXiv:2003.08685. Shape of the 8 x 8 block coefficients, near Laplacian in photographs: Lam and
Goodman, IEEE TIP 9(10), 2000. Luma at native resolution as stored, central crop of at most 512 px a side, for the whole
DCT cut to multiples of 16. Frequencies run from 0 to 0.5 cycles per pixel in each direction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cgid.features.group import Feature, FeatureGroup, Map
from cgid.features.signals import dct_bands as d
from cgid.features.signals import shared
from cgid.imaging.display import fit, stretch

if TYPE_CHECKING:
    from cgid.imaging.image_file import ImageFile

MAP_CAP = 1024
FEWEST_BLOCKS = 16  # below, a distribution's shape is guesswork
ZERO = 0.5  # grey levels: what rounding to whole levels leaves of a coefficient that JPEG set to 0
# Sums of vertical and horizontal frequency, 1..14, of the coefficients of an 8 x 8 block.
_SUM = np.add.outer(np.arange(8), np.arange(8)).ravel()
LOW, MIDDLE, HIGH = (_SUM >= 1) & (_SUM <= 3), (_SUM >= 4) & (_SUM <= 7), _SUM >= 8
COARSE = (_SUM >= 1) & (_SUM <= 4)


def compute(image: ImageFile) -> dict[str, float]:
    blocks = image.once(shared.block_dct)
    if not blocks.size:
        return {}
    return _whole(image.once(shared.stored_luma)) | _blocks(blocks.reshape(64, -1))


def _whole(gray: np.ndarray) -> dict[str, float]:
    height, width = (side // 16 * 16 for side in gray.shape)
    if not height or not width:
        return {}
    coefficients = d.whole_dct(gray[:height, :width])
    log = d.log_size(coefficients)
    cells = d.cell_means(log)
    if cells.max() < np.log10(d.FLOOR) + 0.01:
        return {}  # one even colour: there is no spectrum to describe
    bands = d.band_means(cells)
    fine = log[height // 2 :, width // 2 :]
    return {
        **{f"band_{k}": float(value) for k, value in enumerate(bands)},
        "fine_coarse": float(bands[-1] - bands[1]),
        "fine_deviation": float(np.ascontiguousarray(fine).std()),
        "across_down": d.across_down(cells),
        "grid_rise": d.grid_rise(coefficients),
    }


def _blocks(planes: np.ndarray) -> dict[str, float]:
    """planes: float32 (64, number of blocks)."""
    n = planes.shape[1]
    zero_share = 1 - np.count_nonzero(np.abs(planes[1:]) >= ZERO) / (63 * n)
    log = d.row_means(d.log_size(planes))
    if log[1:].max() < np.log10(d.FLOOR) + 0.01:
        return {"zero_share": zero_share}
    found = {
        "block_low": float(log[LOW].mean()),
        "block_middle": float(log[MIDDLE].mean()),
        "block_high": float(log[HIGH].mean()),
        "zero_share": zero_share,
    }
    if n >= FEWEST_BLOCKS:
        coarse = planes[COARSE]
        found["kurtosis"] = _median(d.excess_kurtosis(coarse))
        found["size_ratio"] = _median(d.size_ratio(coarse))
    return found


def _median(values: np.ndarray) -> float:
    """Of the frequencies that vary at all."""
    known = values[~np.isnan(values)]
    return float(np.median(known)) if known.size else np.nan


def draw(image: ImageFile) -> np.ndarray:
    import cv2

    log = d.log_size(d.whole_dct(image.stored_crop(MAP_CAP)))
    # Single coefficients scatter so much that lines only show in means over their neighbours.
    log = cv2.blur(log, (3, 3), borderType=cv2.BORDER_REPLICATE).reshape(log.shape)
    return fit(stretch(log, *np.percentile(log, (1, 99.8))))


_LOG = "log10 levels"
_WORDS = ("coarsest", "coarse", "middle", "fairly fine", "fine", "finest diagonal")


def _band(k: int) -> Feature:
    low, high = d.EDGES[k] / (2 * d.GRID), d.EDGES[k + 1] / (2 * d.GRID)
    words = f"Mean log size of the {_WORDS[k]} cosines of the picture (frequencies across + down {low:.2f} to {high:.2f} cycles per pixel)"
    return Feature(f"band_{k}", f"Cosines, band {k}", words, _LOG)


GROUP = FeatureGroup(
    key="dct",
    title="Cosine spectrum (DCT)",
    family="content",
    prefix="dct",
    version=1,
    meaning="How large the picture's cosine coefficients are, from coarse to fine, and how they are spread.",
    features=(
        *(_band(k) for k in range(len(_WORDS))),
        Feature(
            "fine_coarse",
            "Fine against coarse",
            "Log size of the finest band less that of the coarse band: high where fine detail or noise is strong",
            _LOG,
        ),
        Feature(
            "fine_deviation",
            "Spread of fine cosines",
            "Standard deviation of the log size in the finest quarter: 0.48 for noise, more where a pattern stands out",
            _LOG,
        ),
        Feature(
            "across_down",
            "Across against down",
            "Log size of cosines finer across than down, less that of their mirror images",
            _LOG,
        ),
        Feature(
            "grid_rise",
            "Lines of a grid",
            "Rise of the lines at 1/8, 1/4 and 3/8 cycles per pixel above those around them: 0 without such a pattern",
            "log10",
        ),
        Feature("block_low", "Blocks, low", "Mean log size of the low frequencies of 8 x 8 blocks", _LOG),
        Feature("block_middle", "Blocks, middle", "Mean log size of the middle frequencies of 8 x 8 blocks", _LOG),
        Feature("block_high", "Blocks, high", "Mean log size of the high frequencies of 8 x 8 blocks", _LOG),
        Feature("zero_share", "Zeros", "Share of the blocks' coefficients, the mean left out, below 0.5", "share 0..1"),
        Feature(
            "kurtosis",
            "Excess kurtosis",
            "Heaviness of the tails of the blocks' low frequencies: 0 for noise, 3 for a Laplacian, more in photographs",
            "number",
        ),
        Feature(
            "size_ratio",
            "Laplacian or not",
            "Squared mean size over mean square of the blocks' low frequencies: 0.64 Gaussian, 0.5 Laplacian, lower heavier",
            "ratio",
        ),
    ),
    compute=compute,
    cite="Frank et al., ICML 2020, arXiv:2003.08685; Lam and Goodman, IEEE TIP 2000",
    maps=(
        Map(
            "log_dct",
            "Log cosine spectrum",
            draw,
            legend="Upper left: coarse structure. Right: fine detail across; bottom: fine detail down. Bright lines or"
            " dots away from that corner: a pattern that repeats.",
            caution="JPEG's 8 x 8 blocks, screens, fabrics and resized photographs make lines and dots too.",
        ),
    ),
    weakness="JPEG empties the fine bands and writes lines at eighths; a blur or any resize changes them all.",
    not_applicable="Under 8 px a side; the whole picture's cosines under 16, the lines of a grid under 32; the shape under"
    " 16 blocks; in a picture of one even colour all but the zeros.",
)
