"""Resampling: enlarged images vary periodically, since each new pixel is interpolated from old ones.

Gallagher, Detection of linear and cubic interpolation in JPEG compressed images, CRV 2005: the magnitude of the second
derivative, averaged along columns and along rows, repeats with the scale factor, which its Fourier transform shows as
a peak. Frequencies in cycles per pixel; a factor s between 1 and 2 gives a peak at 1 - 1/s, one above 2 at 1/s. A
JPEG's blocks give peaks at all multiples of 1/8, which are excluded from the search and reported separately.
Luma, central crop of at most 512 px a side.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from cgid.features.group import Feature, FeatureGroup, Map
from cgid.features.signals.shared import luma
from cgid.imaging.display import normalise_contrast, thumbnail

if TYPE_CHECKING:
    from cgid.imaging.image_file import ImageFile

MIN_SIDE = 64
BINS = 1024  # of the transform: frequencies are multiples of 1 / BINS
MIN_FREQUENCY = 0.06  # lower frequencies are dominated by the scene
DETECTION_THRESHOLD = 3.0  # times the neighbourhood; unresized images reach 2.4 in both directions together
SINGLE_AXIS_THRESHOLD = 4.0
_TREND, _BACKGROUND = 9, 65
_EIGHTH = BINS // 8


def profile(gray: np.ndarray, axis: int) -> np.ndarray:
    """float64 (side - 2,): mean magnitude of the second derivative along `axis`, for each position on it."""
    middle = gray[:, 1:-1] if axis == 1 else gray[1:-1]
    before, after = (gray[:, :-2], gray[:, 2:]) if axis == 1 else (gray[:-2], gray[2:])
    second = before + after
    second -= middle
    second -= middle
    np.abs(second, out=second)
    return second.mean(axis=1 - axis, dtype=np.float64)


def relative_amplitude(course: np.ndarray) -> np.ndarray:
    """float64 (BINS // 2 + 1,): amplitude of each frequency of a profile over the mean of the 65 bins around it."""
    trend = _running_mean(course, _TREND, "edge")
    amplitude = np.abs(np.fft.rfft((course - trend) / (trend + 0.1) * _window(len(course)), BINS))
    return amplitude / (_running_mean(amplitude, _BACKGROUND, "reflect") + 1e-9)


def _running_mean(values: np.ndarray, width: int, edge: str) -> np.ndarray:
    total = np.cumsum(np.pad(values, (width // 2 + 1, width // 2), mode=edge))  # type: ignore[call-overload]  # numpy lists its modes as literals
    return (total[width:] - total[:-width]) / width


@lru_cache(maxsize=8)
def _window(n: int) -> np.ndarray:
    return np.hanning(n)


@lru_cache(maxsize=1)
def _search_bins() -> np.ndarray:
    """Bins searched for resampling: not the lowest, and none next to a multiple of 1/8."""
    bins = np.arange(BINS // 2 + 1)
    from_eighth = np.abs((bins + _EIGHTH // 2) % _EIGHTH - _EIGHTH // 2)
    return np.flatnonzero((bins > MIN_FREQUENCY * BINS) & (from_eighth > 6))


def compute(image: ImageFile) -> dict[str, float]:
    gray = image.cached(luma)
    if min(gray.shape) < MIN_SIDE:
        return {}
    courses = profile(gray, 1), profile(gray, 0)
    if min(course.mean() for course in courses) < 0.01:
        return {}  # uniform in one direction: there is no period
    across, down = map(relative_amplitude, courses)
    both = np.sqrt(across * down)
    values: dict[str, float] = {}
    for name, amplitude, threshold in (
        ("across", across, SINGLE_AXIS_THRESHOLD),
        ("down", down, SINGLE_AXIS_THRESHOLD),
        ("joint", both, DETECTION_THRESHOLD),
    ):
        bin_index, height = _strongest_peak(amplitude)
        values[f"{name}_peak"] = height
        values[f"{name}_frequency"] = bin_index / BINS if height >= threshold else np.nan
    return values | {
        "scale": 1 / (1 - values["joint_frequency"]),
        "peak_count": float(_count_peaks(both)),
        "jpeg_peak": float(np.mean([_peak_near(both, k * _EIGHTH) for k in (1, 2, 3)])),
        "half_peak": _peak_near(both, BINS // 2),
    }


def _strongest_peak(amplitude: np.ndarray) -> tuple[int, float]:
    searched = _search_bins()
    bin_index = int(searched[amplitude[searched].argmax()])
    return bin_index, float(amplitude[bin_index])


def _peak_near(amplitude: np.ndarray, bin_index: int) -> float:
    return float(amplitude[max(0, bin_index - 2) : bin_index + 3].max())


def _count_peaks(amplitude: np.ndarray) -> int:
    """Number of separate peaks of at least DETECTION_THRESHOLD among the searched frequencies, each a run of bins."""
    high = np.zeros(len(amplitude) + 1, bool)
    searched = _search_bins()
    high[searched] = amplitude[searched] >= DETECTION_THRESHOLD
    return int((high[1:] & ~high[:-1]).sum()) + int(high[0])


def draw(image: ImageFile) -> np.ndarray:
    """Spectrum of the second derivative's magnitude, each frequency relative to its neighbourhood; 0 in the centre."""
    import cv2

    gray = image.luma_crop(1024)
    if min(gray.shape) < MIN_SIDE:
        return np.zeros(gray.shape, np.uint8)
    second = np.abs(np.diff(gray, 2, axis=1))[1:-1] + np.abs(np.diff(gray, 2, axis=0))[:, 1:-1]
    tapered = (second - second.mean()) * np.outer(np.hanning(second.shape[0]), np.hanning(second.shape[1]))
    amplitude = np.abs(np.fft.fftshift(np.fft.fft2(tapered)))
    # A peak is one bin wide: dilated to 5 x 5 for visibility.
    peaks = cv2.dilate(amplitude / (cv2.blur(amplitude, (31, 31)) + 1e-9), np.ones((5, 5)))
    return thumbnail(normalise_contrast(peaks, 1, 12))


_TIMES = "times its neighbourhood"
_CYCLES = "cycles per pixel"
GROUP = FeatureGroup(
    key="resampling",
    title="Resampling",
    family="content",
    prefix="resampling",
    version=1,
    meaning="Whether fine detail varies with a fixed period, as it does in an enlarged image.",
    cite="Gallagher, Detection of linear and cubic interpolation in JPEG compressed images, CRV 2005; "
    "Mahdian and Saic, Blind authentication using periodic properties of interpolation, IEEE TIFS 2008",
    weakness="Shows how an image, or a whole data set, was resized, not its origin. Downsizing hides it, as "
    "does low-quality JPEG after a smooth (Lanczos) enlargement; doubling about the pixel centres has no period; "
    "factors whose peak falls on a multiple of 1/8 (4/3, 8/5, 2) cannot be distinguished from JPEG blocks.",
    not_applicable="Under 64 px a side or a uniform colour; frequencies and scale also if no peak stands out.",
    compute=compute,
    features=(
        Feature("across_peak", "Peak across", "Highest peak from left to right, away from multiples of 1/8", _TIMES),
        Feature("across_frequency", "Its frequency", "Where it lies, if it stands out", _CYCLES),
        Feature("down_peak", "Peak down", "Highest peak from top to bottom, away from multiples of 1/8", _TIMES),
        Feature("down_frequency", "Its frequency", "Where it lies, if it stands out", _CYCLES),
        Feature("joint_peak", "Joint peak", "Highest peak of both directions together (geometric mean)", _TIMES),
        Feature("joint_frequency", "Its frequency", "Where it lies, if it stands out", _CYCLES),
        Feature(
            "scale",
            "Scale factor",
            "Enlargement factor, assumed between 1 and 2, that explains the joint peak",
            "factor",
        ),
        Feature("peak_count", "Peaks", "Number of joint peaks of three times their neighbourhood and more", "count"),
        Feature("jpeg_peak", "Block peaks", "Mean joint height at 1/8, 1/4 and 3/8, where JPEG blocks show", _TIMES),
        Feature("half_peak", "Pixel pairs", "Joint height at 1/2: every other row and column differs", _TIMES),
    ),
    maps=(
        Map(
            "spectrum",
            "Spectrum of the second derivative",
            draw,
            legend="Centre: low frequencies, border: every other pixel. Bright dots on the axes away from the centre are periods.",
            caution="A regular grid of dots at eighths of the width is JPEG; fabric and fences cause dots too.",
        ),
    ),
)
