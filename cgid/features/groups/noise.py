"""Noise residual: sensor noise of a camera, which smooth synthesis or pasting lacks or alters.

Residual W = I - Wiener(I) over 3 x 3 px (Lim, Two-Dimensional Signal and Image Processing, 1990), on luma at native
resolution, central crop of at most 512 px a side. A camera's noise grows with brightness: variance =
slope * brightness + intercept (Foi et al., Practical Poissonian-Gaussian noise modeling, IEEE TIP 2008), fitted here on the flattest quarter
of 8 x 8 blocks per brightness, measured by Immerkaer's operator (CVIU 1996), which linear ramps do not disturb.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cgid.evaluate.robust import mad_std
from cgid.features.group import Feature, FeatureGroup, Map
from cgid.features.signals import shared
from cgid.features.signals.noise_residual import brightness_line, flatness, immerkaer, statistics, wiener_residual
from cgid.features.signals.shared import block_means
from cgid.imaging.display import colormap, normalise_contrast, thumbnail

if TYPE_CHECKING:
    from cgid.imaging.image_file import ImageFile

MAP_SIDE = 1024  # px a side of the part shown in the map
BLOCK = 32


def compute(image: ImageFile) -> dict[str, float]:
    gray = image.cached(shared.luma)
    if min(gray.shape) < 8:
        return {}
    residual = wiener_residual(gray)
    variance, skew, kurtosis, across, down = statistics(residual)
    flat = flatness(residual)
    high_power = np.square(immerkaer(gray))
    slope, intercept, correlation = brightness_line(gray, high_power)
    unevenness, inconsistency = _block_variation(residual)
    # Mean of three deviations from uniform white noise, each 0..1; undefined without variation.
    parts = [1 - flat, inconsistency, min(1.0, abs(across + down) / 2)]
    return {
        "variance": variance,
        "sigma": float(np.sqrt(high_power.mean())),
        "skew": skew,
        "kurtosis": kurtosis,
        "neighbour_across": across,
        "neighbour_down": down,
        "spectral_flatness": flat,
        "unevenness": unevenness,
        "inconsistency_score": inconsistency,
        "anomaly_score": float(np.mean(parts)),
        "brightness_slope": slope,
        "brightness_intercept": intercept,
        "brightness_correlation": correlation,
        "silent_share": float((np.abs(residual) < 0.1).mean()),
    }


def _block_variation(residual: np.ndarray) -> tuple[float, float]:
    """(spread / mean of the blocks' noise, robust spread r / (r + median)); NaN below two blocks a side."""
    if min(residual.shape) < 2 * BLOCK:
        return np.nan, np.nan
    noise = np.sqrt(np.maximum(block_means(np.square(residual), BLOCK) - block_means(residual, BLOCK) ** 2, 0))
    mean, median = float(noise.mean()), float(np.median(noise))
    if mean < 1e-6:
        return np.nan, np.nan
    robust = mad_std(noise)
    return float(noise.std()) / mean, robust / (robust + median) if median > 0 else np.nan


def draw(image: ImageFile) -> np.ndarray:
    import cv2

    residual = wiener_residual(image.luma_crop(MAP_SIDE))
    local = np.sqrt(cv2.blur(np.square(residual), (9, 9), borderType=cv2.BORDER_REFLECT).reshape(residual.shape))
    return colormap(thumbnail(normalise_contrast(local, 0, max(1.0, float(np.percentile(local, 99))))))


_SQUARED = "levels² of 0..255"
GROUP = FeatureGroup(
    key="noise",
    title="Noise residual",
    family="content",
    prefix="noise",
    version=2,
    meaning="What smoothing removes: sensor noise, or what synthesis produces in its place.",
    features=(
        Feature("variance", "Noise variance", "Variance of what a 3 x 3 Wiener filter removes", _SQUARED),
        Feature("sigma", "Noise level", "Standard deviation of the noise by Immerkaer's operator", "levels of 0..255"),
        Feature("skew", "Skewness", "Skewness of the residual; 0 for sensor noise", "number"),
        Feature("kurtosis", "Excess kurtosis", "Heaviness of the residual's tails; 0 for Gaussian noise", "number"),
        Feature(
            "neighbour_across", "Neighbours across", "Correlation of the residual with its right neighbour", "-1..1"
        ),
        Feature("neighbour_down", "Neighbours down", "Correlation of the residual with its lower neighbour", "-1..1"),
        Feature(
            "spectral_flatness",
            "Spectral flatness",
            "Geometric over arithmetic mean of the residual's power spectrum: 1 for white noise, near 0 for patterns",
            "share 0..1",
        ),
        Feature(
            "unevenness",
            "Variation between blocks",
            "Standard deviation of the noise of 32 x 32 blocks divided by its mean",
            "ratio",
        ),
        Feature(
            "inconsistency_score",
            "Inconsistency",
            "Robust deviation r of the blocks' noise as r / (r + median): 0 if every block has the same noise",
            "share 0..1",
        ),
        Feature(
            "anomaly_score",
            "Noise anomaly",
            "Mean of three deviations from uniform white noise: 1 - flatness, inconsistency, neighbour correlation",
            "share 0..1",
        ),
        Feature(
            "brightness_slope",
            "Noise per brightness",
            "Growth of the noise variance with brightness; positive for an unprocessed sensor",
            "levels² per level",
        ),
        Feature("brightness_intercept", "Dark noise", "Noise variance extrapolated to black", _SQUARED),
        Feature(
            "brightness_correlation",
            "Noise against brightness",
            "Correlation of noise variance and brightness over sixteen steps of brightness",
            "-1..1",
        ),
        Feature(
            "silent_share",
            "Noise-free pixels",
            "Fraction of pixels that smoothing changes by less than 0.1",
            "share 0..1",
        ),
    ),
    compute=compute,
    cite="Foi et al., Practical Poissonian-Gaussian noise modeling, IEEE TIP 2008; Immerkaer, CVIU 1996",
    maps=(
        Map(
            "residual",
            "Local noise",
            draw,
            legend="Bright: much local variation. Dark: smooth.",
            caution="Texture is bright in every image; look for areas that differ without a reason in the scene.",
        ),
    ),
    not_applicable="Under 8 px a side; single values also if there is no variation or hardly any in brightness.",
    weakness="JPEG, resizing and denoising by phones change the noise as much as synthesis does.",
)
