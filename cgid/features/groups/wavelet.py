"""Wavelets: how strong and how uneven detail is at each scale, and how well it can be foretold from its surroundings.

Haar packets of three levels, mean and deviation of their log size: Wolter et al., Wavelet-packets for deepfake image
analysis and detection, Machine Learning 111, 2022, arXiv:2106.09369. Higher-order statistics of the bands and of the
error of a linear predictor of their size: Farid and Lyu, CVPR Workshops 2003; Lyu and Farid, IEEE TSP 53(2), 2005 (they
use quadrature mirror filters of nine taps and every level; here Haar, and the predictor at the finest level).
Luma at native resolution as stored, so that JPEG's blocks and the packets' 8 x 8 px areas coincide; central crop of at
most 512 px a side, cut to multiples of 8. Logarithms are log10(|coefficient| + 0.1 grey levels).
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from cgid.features.group import Feature, FeatureGroup, Map
from cgid.features.signals import shared
from cgid.features.signals import wavelet as w
from cgid.features.signals.dct_bands import FLOOR, excess_kurtosis, log_size, row_means
from cgid.imaging.display import fit, heat, stretch

if TYPE_CHECKING:
    from cgid.imaging.image_file import ImageFile

SMALLEST = 16  # px a side: two packets' coefficients
EDGES = (1, 3, 6, 9, 12, 15)  # bands of packets by row + column, 1 (coarse) to 14 (finest checkerboard)
MAP_CAP = 1024


def _weights() -> tuple[np.ndarray, np.ndarray]:
    """Rows of weights over 64 packets: (bands, across less down, checkerboard less its neighbours), (coarse, fine)."""
    down, across = np.indices((8, 8))
    bands = [(down + across >= low) & (down + across < high) for low, high in pairwise(EDGES)]
    direction = np.sign(across - down) / 28
    corner = np.zeros((8, 8))
    corner[6:, 6:] = [[-1 / 3, -1 / 3], [-1 / 3, 1]]
    bands = [band / band.sum() for band in bands]
    areas = [down + across < EDGES[2], down + across >= EDGES[3]]
    areas[0][0, 0] = False
    rows = [*bands, direction, corner], [area / area.sum() for area in areas]
    return tuple(np.array(each).reshape(-1, 64) for each in rows)


_MEANS, _DEVIATIONS = _weights()


def compute(image: ImageFile) -> dict[str, float]:
    gray = image.once(shared.stored_luma)
    height, width = (side // 8 * 8 for side in gray.shape)
    if min(height, width) < SMALLEST:
        return {}
    found = w.levels(gray[:height, :width])
    mean, deviation = _packets(found[-1])
    if mean[1:].max() < np.log10(FLOOR) + 0.01:
        return {}  # one even colour
    detail = [w.details(found, level) for level in (1, 2, 3)]
    means, deviations = _MEANS @ mean, _DEVIATIONS @ deviation
    return {
        **{f"band_{k}": float(value) for k, value in enumerate(means[:-2])},
        "across_down": float(means[-2]),
        "corner_rise": float(means[-1]),
        "deviation_coarse": float(deviations[0]),
        "deviation_fine": float(deviations[1]),
        **{f"kurtosis_{level}": _kurtosis(planes) for level, planes in enumerate(detail, 1)},
        **_error(w.prediction_errors(detail[0], detail[1])),
    }


def _packets(planes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(64,) mean and deviation of the log size of each packet, by frequency down * 8 + across."""
    log = log_size(planes).reshape(64, -1)
    mean = row_means(log)
    log -= mean.astype(np.float32)[:, None]
    log *= log
    deviation = np.sqrt(row_means(log))
    return mean[w.BY_FREQUENCY], deviation[w.BY_FREQUENCY]


def _kurtosis(planes: np.ndarray) -> float:
    """Mean of the excess kurtosis of the directions that vary at all."""
    kurtosis = excess_kurtosis(planes.reshape(3, -1))
    known = kurtosis[~np.isnan(kurtosis)]
    return float(known.mean()) if known.size else np.nan


def _error(errors: np.ndarray) -> dict[str, float]:
    """Moments of each direction's prediction error, averaged over the directions that vary at all."""
    mean = row_means(errors)
    errors -= mean.astype(np.float32)[:, None]
    squared = errors * errors
    variance = row_means(squared)
    found = {"error_mean": float(mean.mean()), "error_deviation": float(np.sqrt(variance.mean()))}
    known = variance > 1e-6
    if not known.any():
        return found
    errors *= squared
    squared *= squared
    third, fourth = row_means(errors), row_means(squared)
    return {
        **found,
        "error_skew": float((third[known] / variance[known] ** 1.5).mean()),
        "error_kurtosis": float((fourth[known] / variance[known] ** 2).mean() - 3),
    }


def draw(image: ImageFile) -> np.ndarray:
    gray = image.stored_crop(MAP_CAP)
    height, width = (side // 2 * 2 for side in gray.shape)
    if not height or not width:
        return heat(np.zeros(gray.shape, np.uint8))
    size = np.abs(w.details([w.step(gray[:height, :width])], 1)).max(axis=0)
    return heat(fit(stretch(size, 0, max(4.0, float(np.percentile(size, 99))))))


_LOG = "log10 levels"
_WORDS = ("coarse", "fairly coarse", "middle", "fine", "finest diagonal")


def _band(k: int) -> Feature:
    return Feature(f"band_{k}", f"Packets, band {k}", f"Mean log size of the {_WORDS[k]} wavelet packets", _LOG)


def _tails(level: int) -> Feature:
    words = (
        f"Heaviness of the tails of detail {2**level} px wide: 0 for noise, large where detail is sparse, as edges are"
    )
    return Feature(f"kurtosis_{level}", f"Excess kurtosis, level {level}", words, "number")


GROUP = FeatureGroup(
    key="wavelet",
    title="Wavelets",
    family="content",
    prefix="wavelet",
    version=1,
    meaning="How strong and how uneven the picture's detail is at each scale, and how well it follows from what is near.",
    features=(
        *(_band(k) for k in range(len(_WORDS))),
        Feature(
            "deviation_coarse",
            "Spread of coarse detail",
            "Standard deviation of the log size within the coarse packets: 0.48 for noise, more where areas differ",
            _LOG,
        ),
        Feature(
            "deviation_fine",
            "Spread of fine detail",
            "Standard deviation of the log size within the fine packets: 0.48 for noise, more where areas differ",
            _LOG,
        ),
        Feature(
            "across_down",
            "Across against down",
            "Log size of packets finer across than down, less that of their mirror images",
            _LOG,
        ),
        Feature(
            "corner_rise",
            "Finest checkerboard",
            "Log size of the packet of pixel-wise checkerboards above that of the packets next to it",
            _LOG,
        ),
        *(_tails(level) for level in (1, 2, 3)),
        Feature(
            "error_mean",
            "Prediction error, mean",
            "Mean log2 ratio of the size of fine detail to what its surroundings foretell",
            "log2",
        ),
        Feature(
            "error_deviation",
            "Prediction error, spread",
            "How far fine detail departs from what its surroundings foretell, root mean square",
            "log2",
        ),
        Feature(
            "error_skew", "Prediction error, skew", "Lopsidedness of that departure: negative where too small", "number"
        ),
        Feature("error_kurtosis", "Prediction error, tails", "Heaviness of the tails of that departure", "number"),
    ),
    compute=compute,
    cite="Wolter et al., Machine Learning 2022, arXiv:2106.09369; Lyu and Farid, IEEE TSP 2005",
    maps=(
        Map(
            "detail",
            "Finest detail",
            draw,
            legend="One point for each 2 x 2 px. Bright: strong detail of one or two pixels. Dark: smooth.",
            caution="Edges and texture are bright in every picture; look for areas that differ without a reason.",
        ),
    ),
    weakness="JPEG, resizing, sharpening and denoising change every scale as much as a generator does.",
    not_applicable="Under 16 px a side; in a picture of one even colour; tails and skew where nothing varies at that scale.",
)
