"""Power spectrum: generator up-sampling adds energy and peaks that lens and sensor do not.

Radial profile, its slope and the misfit of its end: Durall et al., Watch your Up-Convolution, CVPR 2020,
arXiv:2003.01826. Peaks at fractions of the sampling rate: Zhang et al., Detecting and Simulating Artifacts in GAN Fake
Images, WIFS 2019, arXiv:1907.06515.

Luma at native resolution, never resized: central crop of at most 512 px a side, cut to multiples of 8 so that the
fractions fall on whole bins; mean removed, Hann window, |FFT|² over the window's power, log10. Frequencies in cycles
per pixel: 0.5 is the finest stripe across, 0.7071 the finest diagonal. Below 16 px a side everything is NaN.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from cgid.features.group import Feature, FeatureGroup, Map
from cgid.features.signals import shared
from cgid.imaging.display import normalise_contrast, thumbnail

if TYPE_CHECKING:
    from cgid.imaging.image_file import ImageFile

MAP_SIDE = 1024  # px a side of the part shown in the map
BANDS = 10
MAX_RADIUS = float(np.sqrt(0.5))  # highest radius, cycles per pixel
RINGS = 64  # of the radial profile, from 0 to CORNER
FIT_FROM, FIT_TO = 0.04, 0.5
HIGH_BAND = 0.35
FLOOR = 1e-6  # power added before the logarithm, far below one grey level's rounding (1/12)


def half_power(gray: np.ndarray) -> np.ndarray:
    """float32 (H', W' // 2 + 1): power of the half plane plus FLOOR; H', W' the multiples of 8 at or below H, W."""
    from scipy.fft import rfft2

    height, width = (side // 8 * 8 for side in gray.shape)
    window, power = _window(height, width)
    centred = gray[:height, :width] - gray[:height, :width].mean()
    transform = rfft2(centred * window, workers=1)
    squared = np.square(transform.real)
    squared += np.square(transform.imag)
    squared *= np.float32(1 / power)
    squared += np.float32(FLOOR)
    return squared


@lru_cache(maxsize=8)
def _window(height: int, width: int) -> tuple[np.ndarray, float]:
    taper = np.outer(_hann(height), _hann(width))
    return taper.astype(np.float32), float(np.square(taper).sum())


def _hann(n: int) -> np.ndarray:
    return np.hanning(n + 1)[:n]


@lru_cache(maxsize=8)
def _plane(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """(ring of each bin of the half plane, how often the bin counts in the whole plane), both flat.

    The mean of the image and the bins next to it, where the window smears it, belong to ring RINGS and are left out.
    """
    y, x = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :]
    ring = np.minimum((np.hypot(y, x) / MAX_RADIUS * RINGS).astype(np.intp), RINGS - 1)
    ring[(np.abs(y) < 1.5 / height) & (x < 1.5 / width)] = RINGS
    twice = np.full(ring.shape, 2.0)
    twice[:, [0, -1]] = 1.0
    return ring.ravel(), twice.ravel()


def radial(log: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(mean log10 power, number of bins) of each of RINGS rings; NaN if a ring of a small image has no bin."""
    ring, twice = _plane(log.shape[0], 2 * (log.shape[1] - 1))
    count = np.bincount(ring, weights=twice, minlength=RINGS + 1)[:RINGS]
    total = np.bincount(ring, weights=twice * log.ravel(), minlength=RINGS + 1)[:RINGS]
    return np.divide(total, count, out=np.full(RINGS, np.nan), where=count > 0), count


def compute(image: ImageFile) -> dict[str, float]:
    gray = image.cached(shared.luma)
    if min(gray.shape) < 16:
        return {}
    power = half_power(gray)
    log = np.log10(power)
    profile, count = radial(log)
    bands = _bands(profile, count)
    if np.nanmax(profile) <= np.log10(FLOOR) + 0.1:
        return {}  # one even colour: there is no spectrum to describe
    return {
        **{f"band_{k}": bands[k] for k in range(BANDS)},
        **_slope(profile),
        "high_share": _high_fraction(power),
        "anisotropy": _anisotropy(log),
        **{f"peak_{n}": peak(log, n) for n in (2, 4, 8)},
    }


def _bands(profile: np.ndarray, count: np.ndarray) -> np.ndarray:
    edges = np.linspace(0, RINGS, BANDS + 1).round().astype(int)
    known = np.nan_to_num(profile) * count
    bins = np.add.reduceat(count, edges[:-1])
    return np.divide(np.add.reduceat(known, edges[:-1]), bins, out=np.full(BANDS, np.nan), where=bins > 0)


def _slope(profile: np.ndarray) -> dict[str, float]:
    """Linear fit of log power over log frequency, and deviations from it."""
    frequency = (np.arange(RINGS) + 0.5) / RINGS * MAX_RADIUS
    inside = (frequency >= FIT_FROM) & (frequency <= FIT_TO) & ~np.isnan(profile)
    if inside.sum() < 6:
        return {}
    x, y = np.log10(frequency[inside]), profile[inside]
    centred = x - x.mean()
    slope = float(centred @ y / (centred @ centred))
    level = float(y.mean() - slope * x.mean())
    end = (frequency > 0.45) & ~np.isnan(profile)
    beyond = profile[end] - (slope * np.log10(frequency[end]) + level)
    return {
        "slope": slope,
        "fit_error": float(np.sqrt(np.mean((y - slope * x - level) ** 2))),
        "end_lift": float(beyond.mean()) if end.any() else np.nan,
    }


def _high_fraction(power: np.ndarray) -> float:
    inside, high = _power_weights(power.shape[0], 2 * (power.shape[1] - 1))
    flat = power.ravel()
    return float((flat * high).sum() / (flat * inside).sum())


@lru_cache(maxsize=8)
def _power_weights(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """float32 weights of the half plane's bins, flat: in the whole power without the mean, in that of the fine part."""
    ring, twice = _plane(height, width)
    inside = np.where(ring < RINGS, twice, 0).astype(np.float32)
    return inside, np.where(ring >= int(np.ceil(HIGH_BAND / MAX_RADIUS * RINGS)), inside, np.float32(0))


def _anisotropy(log: np.ndarray) -> float:
    """Mean log power of fine stripes across minus that of fine stripes down (0.25 to 0.5 cycles per pixel)."""
    height, width = log.shape[0], 2 * (log.shape[1] - 1)
    near_y, near_x = max(1, height // 16), max(1, width // 16)
    across = np.concatenate([log[:near_y, width // 4 :], log[-near_y:, width // 4 :]])
    down = log[height // 4 : height - height // 4, :near_x]
    return float(across.mean(dtype=np.float64) - down.mean(dtype=np.float64))


def peak(log: np.ndarray, n: int) -> float:
    """How far the bins at multiples of 1/n cycles per pixel (not of 2/n) rise above their neighbourhood, in log10.

    Mean over those bins of: maximum of the 3 x 3 bins minus the median of the surrounding square without these; the
    square extends a sixteenth of the spectrum, at most 5 bins. NaN below 32 px a side.
    """
    height, width = log.shape[0], 2 * (log.shape[1] - 1)
    radius = min(5, min(height, width) // 16)
    if radius < 2:
        return np.nan
    inner, outer = _peak_neighbourhoods(height, width, n, radius)
    flat = log.ravel()
    return float((flat[inner].max(axis=1) - np.median(flat[outer], axis=1)).mean())


@lru_cache(maxsize=24)
def _peak_neighbourhoods(height: int, width: int, n: int, radius: int) -> tuple[np.ndarray, np.ndarray]:
    """Places in the flat half plane, a row for each bin: (the 3 x 3 bins around it, the rest of its square)."""
    # Bins whose numerators are both even belong to a coarser fraction, or are the mean.
    bins = [(i, j) for i in range(n) for j in range(n // 2 + 1) if i % 2 or j % 2]
    offsets = np.arange(-radius, radius + 1)
    rows = np.array([i * height // n for i, _ in bins])[:, None, None] + offsets[:, None]
    columns = np.array([j * width // n for _, j in bins])[:, None, None] + offsets[None, :]
    y, x = _half_plane_indices(height, width, rows, columns)
    index = y * (width // 2 + 1) + x
    inner = (np.abs(offsets)[:, None] <= 1) & (np.abs(offsets)[None, :] <= 1)
    return index[:, inner], index[:, ~inner]


def _half_plane_indices(
    height: int, width: int, rows: np.ndarray, columns: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(row, column) in the half plane of bins of the whole plane, wrapped round and mirrored."""
    y, x = np.broadcast_arrays(rows % height, columns % width)
    mirrored = x > width // 2
    return np.where(mirrored, -y % height, y), np.where(mirrored, width - x, x)


def draw(image: ImageFile) -> np.ndarray:
    gray = image.luma_crop(MAP_SIDE)
    if min(gray.shape) < 16:
        return np.zeros(gray.shape, np.uint8)
    half = np.log10(half_power(gray))
    height, width = half.shape[0], 2 * (half.shape[1] - 1)
    rows, columns = np.arange(height)[:, None] - height // 2, np.arange(width)[None, :] - width // 2
    whole = half[_half_plane_indices(height, width, rows, columns)]
    return thumbnail(normalise_contrast(whole, *np.percentile(whole, (1, 99.8))))


def _band(k: int) -> Feature:
    low, high = k * MAX_RADIUS / BANDS, (k + 1) * MAX_RADIUS / BANDS
    meaning = f"Mean log10 power of frequencies from {low:.2f} to {high:.2f} cycles per pixel"
    return Feature(f"band_{k}", f"Power, band {k}", meaning, "log10 power")


GROUP = FeatureGroup(
    key="spectrum",
    title="Power spectrum",
    family="content",
    prefix="spectrum",
    version=2,
    meaning="Distribution of the image's energy over coarse and fine detail, and peaks at regular frequencies.",
    features=(
        *(_band(k) for k in range(BANDS)),
        Feature(
            "slope",
            "Spectral slope",
            "Fall of log power with log frequency; about -2 for photographs",
            "log10 power per decade",
        ),
        Feature(
            "fit_error", "Misfit", "Root mean square distance of the profile from its straight line", "log10 power"
        ),
        Feature(
            "end_lift",
            "High-frequency lift",
            "Log power above 0.45 cycles per pixel relative to the linear fit",
            "log10 power",
        ),
        Feature("high_share", "High-band share", "Fraction of the power above 0.35 cycles per pixel", "share 0..1"),
        Feature(
            "anisotropy",
            "Across against down",
            "Log power of fine detail across minus that of fine detail down",
            "log10 power",
        ),
        Feature(
            "peak_2",
            "Peaks at 1/2",
            "Rise of the spectrum at half the sampling rate over its surroundings",
            "log10 power",
        ),
        Feature("peak_4", "Peaks at 1/4", "Rise of the spectrum at quarters of the sampling rate", "log10 power"),
        Feature("peak_8", "Peaks at 1/8", "Rise of the spectrum at eighths of the sampling rate", "log10 power"),
    ),
    compute=compute,
    cite="Durall et al., CVPR 2020, arXiv:2003.01826; Zhang et al., WIFS 2019, arXiv:1907.06515",
    maps=(
        Map(
            "power",
            "Log power spectrum",
            draw,
            legend="Centre: coarse structure. Edges: finest detail. Single bright dots: a pattern that repeats.",
            caution="JPEG's 8 x 8 blocks make dots at eighths too; screens, fabrics and resized photos make others.",
        ),
    ),
    not_applicable="Under 16 px a side, and for uniform images; peaks and lift also in small images.",
    weakness="JPEG blocks peak at eighths as well; resizing or blur changes the high frequencies.",
)
