"""Wavelets: strength and variation of detail at each scale, and its predictability from neighbouring coefficients.

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
from cgid.features.signals import shared, wavelet
from cgid.features.signals.dct_bands import FLOOR, excess_kurtosis, log_size, row_means
from cgid.imaging.display import colormap, normalise_contrast, thumbnail

if TYPE_CHECKING:
    from cgid.imaging.image_file import ImageFile

MIN_SIDE = 16  # px a side: two coefficients per packet
EDGES = (1, 3, 6, 9, 12, 15)  # bands of packets by row + column, 1 (coarse) to 14 (finest checkerboard)
MAP_SIDE = 1024


def _weights() -> tuple[np.ndarray, np.ndarray]:
    """Rows of weights over 64 packets: (bands, horizontal minus vertical, checkerboard minus its neighbours), (coarse, fine)."""
    down, across = np.indices((8, 8))
    bands = [(down + across >= low) & (down + across < high) for low, high in pairwise(EDGES)]
    direction = np.sign(across - down) / 28
    corner = np.zeros((8, 8))
    corner[6:, 6:] = [[-1 / 3, -1 / 3], [-1 / 3, 1]]
    bands = [band / band.sum() for band in bands]
    areas = [down + across < EDGES[2], down + across >= EDGES[3]]
    areas[0][0, 0] = False
    rows = [*bands, direction, corner], [area / area.sum() for area in areas]
    first, second = (np.array(each).reshape(-1, 64) for each in rows)
    return first, second


_MEANS, _DEVIATIONS = _weights()


def compute(image: ImageFile) -> dict[str, float]:
    gray = image.cached(shared.stored_luma)
    height, width = (side // 8 * 8 for side in gray.shape)
    if min(height, width) < MIN_SIDE:
        return {}
    packets = wavelet.haar_packets(gray[:height, :width])
    mean, deviation = _packet_moments(packets[-1])
    if mean[1:].max() < np.log10(FLOOR) + 0.01:
        return {}  # one even colour
    detail = [wavelet.detail_bands(packets, level) for level in (1, 2, 3)]
    means, deviations = _MEANS @ mean, _DEVIATIONS @ deviation
    return {
        **{f"band_{k}": float(value) for k, value in enumerate(means[:-2])},
        "across_down": float(means[-2]),
        "corner_rise": float(means[-1]),
        "deviation_coarse": float(deviations[0]),
        "deviation_fine": float(deviations[1]),
        **{f"kurtosis_{level}": _kurtosis(planes) for level, planes in enumerate(detail, 1)},
        **_error_moments(wavelet.prediction_errors(detail[0], detail[1])),
    }


def _packet_moments(planes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(64,) mean and deviation of the log size of each packet, by frequency down * 8 + across."""
    log = log_size(planes).reshape(64, -1)
    mean = row_means(log)
    log -= mean.astype(np.float32)[:, None]
    log *= log
    deviation = np.sqrt(row_means(log))
    return mean[wavelet.BY_FREQUENCY], deviation[wavelet.BY_FREQUENCY]


def _kurtosis(planes: np.ndarray) -> float:
    """Mean excess kurtosis of the directions that vary."""
    kurtosis = excess_kurtosis(planes.reshape(3, -1))
    known = kurtosis[~np.isnan(kurtosis)]
    return float(known.mean()) if known.size else np.nan


def _error_moments(errors: np.ndarray) -> dict[str, float]:
    """Moments of the prediction error, averaged over the directions that vary."""
    mean = row_means(errors)
    errors -= mean.astype(np.float32)[:, None]
    squared = errors * errors
    variance = row_means(squared)
    moments = {"error_mean": float(mean.mean()), "error_deviation": float(np.sqrt(variance.mean()))}
    known = variance > 1e-6
    if not known.any():
        return moments
    errors *= squared
    squared *= squared
    third, fourth = row_means(errors), row_means(squared)
    return {
        **moments,
        "error_skew": float((third[known] / variance[known] ** 1.5).mean()),
        "error_kurtosis": float((fourth[known] / variance[known] ** 2).mean() - 3),
    }


def draw(image: ImageFile) -> np.ndarray:
    gray = image.stored_luma_crop(MAP_SIDE)
    height, width = (side // 2 * 2 for side in gray.shape)
    if not height or not width:
        return colormap(np.zeros(gray.shape, np.uint8))
    size = np.abs(wavelet.detail_bands([wavelet.haar_step(gray[:height, :width])], 1)).max(axis=0)
    return colormap(thumbnail(normalise_contrast(size, 0, max(4.0, float(np.percentile(size, 99))))))


_LOG = "log10 levels"
_BAND_NAMES = ("coarse", "fairly coarse", "middle", "fine", "finest diagonal")


def _band(k: int) -> Feature:
    return Feature(f"band_{k}", f"Packets, band {k}", f"Mean log size of the {_BAND_NAMES[k]} wavelet packets", _LOG)


def _kurtosis_feature(level: int) -> Feature:
    meaning = (
        f"Heaviness of the tails of detail {2**level} px wide: 0 for noise, large where detail is sparse, as edges are"
    )
    return Feature(f"kurtosis_{level}", f"Excess kurtosis, level {level}", meaning, "number")


GROUP = FeatureGroup(
    key="wavelet",
    title="Wavelets",
    family="content",
    prefix="wavelet",
    version=1,
    meaning="Strength and variation of the image's detail at each scale, and its predictability from the neighbourhood.",
    features=(
        *(_band(k) for k in range(len(_BAND_NAMES))),
        Feature(
            "deviation_coarse",
            "Variation of coarse detail",
            "Standard deviation of the log size within the coarse packets: 0.48 for noise, more where areas differ",
            _LOG,
        ),
        Feature(
            "deviation_fine",
            "Variation of fine detail",
            "Standard deviation of the log size within the fine packets: 0.48 for noise, more where areas differ",
            _LOG,
        ),
        Feature(
            "across_down",
            "Across against down",
            "Log magnitude of packets with higher horizontal than vertical frequency, minus their mirror images",
            _LOG,
        ),
        Feature(
            "corner_rise",
            "Finest checkerboard",
            "Log size of the packet of pixel-wise checkerboards above that of the packets next to it",
            _LOG,
        ),
        *(_kurtosis_feature(level) for level in (1, 2, 3)),
        Feature(
            "error_mean",
            "Prediction error, mean",
            "Mean log2 ratio of the magnitude of fine detail to its prediction",
            "log2",
        ),
        Feature(
            "error_deviation",
            "Prediction error, deviation",
            "Standard deviation of the log2 prediction error of fine detail",
            "log2",
        ),
        Feature(
            "error_skew",
            "Prediction error, skew",
            "Skewness of the prediction error: negative if detail is weaker than predicted",
            "number",
        ),
        Feature(
            "error_kurtosis", "Prediction error, tails", "Heaviness of the tails of the prediction error", "number"
        ),
    ),
    compute=compute,
    cite="Wolter et al., Machine Learning 2022, arXiv:2106.09369; Lyu and Farid, IEEE TSP 2005",
    maps=(
        Map(
            "detail",
            "Finest detail",
            draw,
            legend="One point for each 2 x 2 px. Bright: strong detail of one or two pixels. Dark: smooth.",
            caution="Edges and texture are bright in every image; look for areas that differ without a reason.",
        ),
    ),
    weakness="JPEG, resizing, sharpening and denoising change every scale as much as a generator does.",
    not_applicable="Under 16 px a side; in uniform images; kurtosis and skewness if nothing varies at that scale.",
)
