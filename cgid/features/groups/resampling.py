"""Resampling: a picture that was made larger varies in a period, since each new pixel mixes old ones in turn.

Gallagher, Detection of linear and cubic interpolation in JPEG compressed images, CRV 2005: the magnitude of the second
derivative, averaged along columns and along rows, repeats with the scale factor, which its Fourier transform shows as
a peak. Frequencies in cycles per pixel; a factor s between 1 and 2 gives a peak at 1 - 1/s, one above 2 at 1/s. A
JPEG's blocks give peaks at all multiples of 1/8, which are left out of the search and reported for themselves.
Luma, central crop of at most 512 px a side.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from cgid.features.group import Feature, FeatureGroup, Map
from cgid.features.signals.shared import luma
from cgid.imaging.display import fit, stretch

if TYPE_CHECKING:
    from cgid.imaging.image_file import ImageFile

LEAST_SIDE = 64
BINS = 1024  # of the transform: frequencies are multiples of 1 / BINS
LOWEST = 0.06  # below it the scene's own course rules
SEEN = 3.0  # times the neighbourhood; pictures at their own size reach 2.4 in both directions together
SEEN_IN_ONE = 4.0
_TREND, _AROUND = 9, 65
_EIGHTH = BINS // 8


def profile(gray: np.ndarray, axis: int) -> np.ndarray:
    """float64 (side - 2,): mean magnitude of the second derivative along `axis`, for each place on it."""
    middle = gray[:, 1:-1] if axis == 1 else gray[1:-1]
    before, after = (gray[:, :-2], gray[:, 2:]) if axis == 1 else (gray[:-2], gray[2:])
    second = before + after
    second -= middle
    second -= middle
    np.abs(second, out=second)
    return second.mean(axis=1 - axis, dtype=np.float64)


def heights(course: np.ndarray) -> np.ndarray:
    """float64 (BINS // 2 + 1,): amplitude of each frequency of a profile over the mean of the 65 bins around it."""
    trend = _running_mean(course, _TREND, "edge")
    amplitude = np.abs(np.fft.rfft((course - trend) / (trend + 0.1) * _window(len(course)), BINS))
    return amplitude / (_running_mean(amplitude, _AROUND, "reflect") + 1e-9)


def _running_mean(values: np.ndarray, width: int, edge: str) -> np.ndarray:
    total = np.cumsum(np.pad(values, (width // 2 + 1, width // 2), mode=edge))
    return (total[width:] - total[:-width]) / width


@lru_cache(maxsize=8)
def _window(n: int) -> np.ndarray:
    return np.hanning(n)


@lru_cache(maxsize=1)
def _searched() -> np.ndarray:
    """Bins where resampling is looked for: not the lowest, and none beside a multiple of 1/8."""
    bins = np.arange(BINS // 2 + 1)
    from_eighth = np.abs((bins + _EIGHTH // 2) % _EIGHTH - _EIGHTH // 2)
    return np.flatnonzero((bins > LOWEST * BINS) & (from_eighth > 6))


def compute(image: ImageFile) -> dict[str, float]:
    gray = image.once(luma)
    if min(gray.shape) < LEAST_SIDE:
        return {}
    courses = profile(gray, 1), profile(gray, 0)
    if min(course.mean() for course in courses) < 0.01:
        return {}  # one even colour in one direction: nothing can repeat
    across, down = map(heights, courses)
    both = np.sqrt(across * down)
    values: dict[str, float] = {}
    for name, found, seen in (("across", across, SEEN_IN_ONE), ("down", down, SEEN_IN_ONE), ("joint", both, SEEN)):
        place, height = _strongest(found)
        values[f"{name}_peak"] = height
        values[f"{name}_frequency"] = place / BINS if height >= seen else np.nan
    return values | {
        "scale": 1 / (1 - values["joint_frequency"]),
        "peak_count": float(_count(both)),
        "jpeg_peak": float(np.mean([_at(both, k * _EIGHTH) for k in (1, 2, 3)])),
        "half_peak": _at(both, BINS // 2),
    }


def _strongest(found: np.ndarray) -> tuple[int, float]:
    searched = _searched()
    place = int(searched[found[searched].argmax()])
    return place, float(found[place])


def _at(found: np.ndarray, place: int) -> float:
    return float(found[max(0, place - 2) : place + 3].max())


def _count(found: np.ndarray) -> int:
    """Number of separate peaks of at least SEEN among the searched frequencies, each a run of bins."""
    high = np.zeros(len(found) + 1, bool)
    searched = _searched()
    high[searched] = found[searched] >= SEEN
    return int((high[1:] & ~high[:-1]).sum()) + int(high[0])


def draw(image: ImageFile) -> np.ndarray:
    """Spectrum of the second derivative's magnitude, each frequency against its neighbourhood; 0 in the middle."""
    import cv2

    gray = image.crop(1024)
    if min(gray.shape) < LEAST_SIDE:
        return np.zeros(gray.shape, np.uint8)
    second = np.abs(np.diff(gray, 2, axis=1))[1:-1] + np.abs(np.diff(gray, 2, axis=0))[:, 1:-1]
    tapered = (second - second.mean()) * np.outer(np.hanning(second.shape[0]), np.hanning(second.shape[1]))
    amplitude = np.abs(np.fft.fftshift(np.fft.fft2(tapered)))
    # A peak is one bin wide: spread over 5 x 5, so that it is seen.
    peaks = cv2.dilate(amplitude / (cv2.blur(amplitude, (31, 31)) + 1e-9), np.ones((5, 5)))
    return fit(stretch(peaks, 1, 12))


_TIMES = "times its neighbourhood"
_CYCLES = "cycles per pixel"
GROUP = FeatureGroup(
    key="resampling",
    title="Resampling",
    family="content",
    prefix="resampling",
    version=1,
    meaning="Whether fine detail comes and goes in a fixed period, as it does in a picture that was made larger.",
    cite="Gallagher, Detection of linear and cubic interpolation in JPEG compressed images, CRV 2005; "
    "Mahdian and Saic, Blind authentication using periodic properties of interpolation, IEEE TIFS 2008",
    weakness="Tells how a picture, or a whole data set, was resized, not who made it. Making smaller hides it, and so "
    "does JPEG of low quality after a smooth (Lanczos) enlargement; doubling about the pixels' centres has no period; "
    "factors whose peak falls on a multiple of 1/8 (4/3, 8/5, 2) are not told from JPEG blocks.",
    not_applicable="Under 64 px a side or one even colour; frequencies and scale also where no peak stands out.",
    compute=compute,
    features=(
        Feature("across_peak", "Peak across", "Highest peak from left to right, away from multiples of 1/8", _TIMES),
        Feature("across_frequency", "Its frequency", "Where it lies, if it stands out", _CYCLES),
        Feature("down_peak", "Peak down", "Highest peak from top to bottom, away from multiples of 1/8", _TIMES),
        Feature("down_frequency", "Its frequency", "Where it lies, if it stands out", _CYCLES),
        Feature("joint_peak", "Joint peak", "Highest peak of both directions together (geometric mean)", _TIMES),
        Feature("joint_frequency", "Its frequency", "Where it lies, if it stands out", _CYCLES),
        Feature("scale", "Scale factor", "Enlargement, taken to be between 1 and 2, that puts a peak there", "factor"),
        Feature("peak_count", "Peaks", "Number of joint peaks of three times their neighbourhood and more", "count"),
        Feature("jpeg_peak", "Block peaks", "Mean joint height at 1/8, 1/4 and 3/8, where JPEG blocks show", _TIMES),
        Feature("half_peak", "Pixel pairs", "Joint height at 1/2: every other row and column differs", _TIMES),
    ),
    maps=(
        Map(
            "spectrum",
            "Spectrum of the second derivative",
            draw,
            legend="Middle: slow changes, rim: every other pixel. Bright dots on the axes off the middle are periods.",
            caution="A regular grid of dots at eighths of the width is JPEG; fabric and fences make dots too.",
        ),
    ),
)
