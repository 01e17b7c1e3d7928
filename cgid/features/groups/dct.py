"""DCT spectrum: generators leave periodic patterns and too little or too much fine detail in DCT coefficients.

Log size of the two-dimensional DCT of the picture: Frank et al., Leveraging Frequency Analysis for Deep Fake Image
Recognition, ICML 2020, arXiv:2003.08685. Shape of the 8 x 8 block coefficients, near Laplacian in photographs: Lam and
Goodman, IEEE TIP 9(10), 2000. Luma at native resolution as stored, central crop of at most 512 px a side, for the whole
DCT cut to multiples of 16. Frequencies run from 0 to 0.5 cycles per pixel in each direction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cgid.features.group import Feature, FeatureGroup, Map
from cgid.features.signals import dct_bands, shared
from cgid.imaging.display import normalise_contrast, thumbnail

if TYPE_CHECKING:
    from cgid.imaging.image_file import ImageFile

MAP_SIDE = 1024
MIN_BLOCKS = 16  # needed to estimate the shape of a distribution
ZERO_LIMIT = 0.5  # grey levels: magnitude that pixel rounding leaves of a coefficient quantised to 0
# Sums of vertical and horizontal frequency, 1..14, of the coefficients of an 8 x 8 block.
_SUM = np.add.outer(np.arange(8), np.arange(8)).ravel()
LOW, MIDDLE, HIGH = (_SUM >= 1) & (_SUM <= 3), (_SUM >= 4) & (_SUM <= 7), _SUM >= 8
COARSE = (_SUM >= 1) & (_SUM <= 4)


def compute(image: ImageFile) -> dict[str, float]:
    blocks = image.cached(shared.block_dct)
    if not blocks.size:
        return {}
    return _whole_image(image.cached(shared.stored_luma)) | _block_values(blocks.reshape(64, -1))


def _whole_image(gray: np.ndarray) -> dict[str, float]:
    height, width = (side // 16 * 16 for side in gray.shape)
    if not height or not width:
        return {}
    coefficients = dct_bands.whole_dct(gray[:height, :width])
    log = dct_bands.log_size(coefficients)
    cells = dct_bands.cell_means(log)
    if cells.max() < np.log10(dct_bands.FLOOR) + 0.01:
        return {}  # one even colour: there is no spectrum to describe
    bands = dct_bands.band_means(cells)
    fine = log[height // 2 :, width // 2 :]
    return {
        **{f"band_{k}": float(value) for k, value in enumerate(bands)},
        "fine_coarse": float(bands[-1] - bands[1]),
        "fine_deviation": float(np.ascontiguousarray(fine).std()),
        "across_down": dct_bands.horizontal_excess(cells),
        "grid_rise": dct_bands.grid_rise(coefficients),
    }


def _block_values(planes: np.ndarray) -> dict[str, float]:
    """planes: float32 (64, number of blocks)."""
    n = planes.shape[1]
    zero_share = 1 - np.count_nonzero(np.abs(planes[1:]) >= ZERO_LIMIT) / (63 * n)
    log = dct_bands.row_means(dct_bands.log_size(planes))
    if log[1:].max() < np.log10(dct_bands.FLOOR) + 0.01:
        return {"zero_share": zero_share}
    values = {
        "block_low": float(log[LOW].mean()),
        "block_middle": float(log[MIDDLE].mean()),
        "block_high": float(log[HIGH].mean()),
        "zero_share": zero_share,
    }
    if n >= MIN_BLOCKS:
        coarse = planes[COARSE]
        values["kurtosis"] = _median(dct_bands.excess_kurtosis(coarse))
        values["size_ratio"] = _median(dct_bands.size_ratio(coarse))
    return values


def _median(values: np.ndarray) -> float:
    """Median over the frequencies that vary."""
    known = values[~np.isnan(values)]
    return float(np.median(known)) if known.size else np.nan


def draw(image: ImageFile) -> np.ndarray:
    import cv2

    log = dct_bands.log_size(dct_bands.whole_dct(image.stored_luma_crop(MAP_SIDE)))
    # Single coefficients scatter too much: lines show only after averaging.
    log = cv2.blur(log, (3, 3), borderType=cv2.BORDER_REPLICATE).reshape(log.shape)
    return thumbnail(normalise_contrast(log, *np.percentile(log, (1, 99.8))))


_LOG = "log10 levels"
_BAND_NAMES = ("coarsest", "coarse", "middle", "fairly fine", "fine", "finest diagonal")


def _band(k: int) -> Feature:
    low, high = dct_bands.EDGES[k] / (2 * dct_bands.GRID), dct_bands.EDGES[k + 1] / (2 * dct_bands.GRID)
    meaning = f"Mean log size of the {_BAND_NAMES[k]} cosines of the image (frequencies across + down {low:.2f} to {high:.2f} cycles per pixel)"
    return Feature(f"band_{k}", f"Cosines, band {k}", meaning, _LOG)


GROUP = FeatureGroup(
    key="dct",
    title="DCT spectrum",
    family="content",
    prefix="dct",
    version=1,
    meaning="Magnitudes of the image's DCT coefficients, from coarse to fine, and their distribution.",
    features=(
        *(_band(k) for k in range(len(_BAND_NAMES))),
        Feature(
            "fine_coarse",
            "Fine against coarse",
            "Log magnitude of the finest band minus that of the coarse band: high where fine detail or noise is strong",
            _LOG,
        ),
        Feature(
            "fine_deviation",
            "Variation of fine coefficients",
            "Standard deviation of the log size in the finest quarter: 0.48 for noise, more where a pattern stands out",
            _LOG,
        ),
        Feature(
            "across_down",
            "Across against down",
            "Log magnitude of coefficients with higher horizontal than vertical frequency, minus their mirror images",
            _LOG,
        ),
        Feature(
            "grid_rise",
            "Grid lines",
            "Rise of the lines at 1/8, 1/4 and 3/8 cycles per pixel above those around them: 0 without such a pattern",
            "log10",
        ),
        Feature("block_low", "Blocks, low", "Mean log size of the low frequencies of 8 x 8 blocks", _LOG),
        Feature("block_middle", "Blocks, middle", "Mean log size of the middle frequencies of 8 x 8 blocks", _LOG),
        Feature("block_high", "Blocks, high", "Mean log size of the high frequencies of 8 x 8 blocks", _LOG),
        Feature(
            "zero_share", "Zeros", "Fraction of the blocks' coefficients, the mean left out, below 0.5", "share 0..1"
        ),
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
            "Log DCT spectrum",
            draw,
            legend="Upper left: coarse structure. Right: fine detail across; bottom: fine detail down. Bright lines or"
            " dots away from that corner: a pattern that repeats.",
            caution="JPEG's 8 x 8 blocks, screens, fabrics and resized photographs make lines and dots too.",
        ),
    ),
    weakness="JPEG empties the fine bands and adds lines at multiples of 1/8; blur or resizing changes all values.",
    not_applicable="Under 8 px a side; the whole image's cosines under 16, the lines of a grid under 32; the shape under"
    " 16 blocks; in an image of one even colour all but the zeros.",
)
