"""Keeps one band of the picture's frequencies: coarse light, middle structure and fine grain, each looked at alone.

Butterworth edges without a shift of phase: gain 1 / (1 + (f / edge)^(2 order)). They are smooth, so
that no ripples appear at contours, as a sharp cut would make. The picture is continued by its mirror image.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from cgid.imaging.display import about_grey, limits
from cgid.inspector.filter import Choice, Drawn, Filter, Slider, Span
from cgid.inspector.view import View

INSIDE, OUTSIDE = "inside the band", "outside the band"
MIRRORED = 24  # px on each side
FLOOR = 1e-4  # power, far below one grey level's rounding
HIGHEST = 142.0  # % of Nyquist: beyond the finest diagonal


def transformed(view: View) -> tuple[np.ndarray, tuple[int, int]]:
    """(half plane of the transform of the mirrored brightness, its size in px)."""
    import cv2
    from scipy.fft import next_fast_len, rfft2

    height, width = view.luma.shape
    size = tuple(next_fast_len(n + 2 * MIRRORED, real=True) for n in (height, width))
    more = (MIRRORED, size[0] - height - MIRRORED, MIRRORED, size[1] - width - MIRRORED)
    return rfft2(cv2.copyMakeBorder(view.luma, *more, cv2.BORDER_REFLECT_101), workers=1), size


@lru_cache(maxsize=2)
def _squared(size: tuple[int, int]) -> np.ndarray:
    """float32: squared frequency of each bin of the half plane, 100² at the Nyquist frequency."""
    down, across = np.fft.fftfreq(size[0])[:, None], np.fft.rfftfreq(size[1])[None, :]
    return ((down**2 + across**2) * 200**2).astype(np.float32)


def gain(size: tuple[int, int], low: float, high: float, order: int) -> np.ndarray:
    """float32, half plane: 1 inside the band, 1/2 at its edges, 0 far outside. low, high: % of Nyquist."""
    squared = _squared(size)
    kept = np.ones_like(squared)
    if high < HIGHEST:
        kept /= 1 + (squared / np.float32(max(high, 0.05) ** 2)) ** order
    if low > 0:
        with np.errstate(over="ignore"):
            fall = 1 / (1 + (squared / np.float32(low**2)) ** order)
        kept *= 1 - fall
    return kept


def profile(view: View) -> np.ndarray:
    """float64 (101,): mean log power (dB) at 0 to 1/2 cycle per px, the rings 1/200 wide."""
    spectrum, size = view.once(transformed)
    ring = np.sqrt(_squared(size)).astype(np.uint8).ravel()
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    power *= np.float32(1 / (size[0] * size[1]))
    level = np.bincount(ring, weights=10 * np.log10(power + np.float32(FLOOR)).ravel(), minlength=101)
    return (level / np.maximum(np.bincount(ring, minlength=101), 1))[:101]


def _draw(view: View, band: tuple[float, float], shown: str, order: int, amplify: float) -> Drawn:
    from scipy.fft import irfft2

    spectrum, size = view.once(transformed)
    height, width = view.luma.shape
    found = irfft2(spectrum * gain(size, *band, order), size, workers=1, overwrite_x=True)
    found = found[MIRRORED : MIRRORED + height, MIRRORED : MIRRORED + width]
    if shown == OUTSIDE:
        found = view.luma - found
    total = float(view.luma.var(dtype=np.float64))
    share = 100 * float(found.var(dtype=np.float64)) / total if total > 1e-6 else 0.0
    told = f"What lies {shown}, {_periods(*band)}, holds {share:.2f} % of the variance of brightness."
    if (shown == INSIDE) == (band[0] == 0):  # the mean is in it: a picture of its own
        picture = (found + np.float32(0.5)).clip(0, 255).astype(np.uint8)
    else:
        low, high = limits(found, 2)
        picture = about_grey(found, 127 / amplify if amplify > 0 else max(-low, high))
    columns = {"frequency": np.arange(101) / 200, "level": view.once(profile)}
    return Drawn(told, picture, columns | {name: np.full(101, edge / 200) for name, edge in zip(("from", "to"), band)})


def _periods(low: float, high: float) -> str:
    finest = f"periods of {200 / high:.1f} px" if 0 < high < HIGHEST else "the finest details" if high else "evenness"
    return f"{finest} to {200 / low:.1f} px" if low else f"{finest} and all that is coarser"


FILTER = Filter(
    name="frequency_split",
    title="Frequency split",
    shelf="Frequencies",
    shows="Only the details within a band of sizes: 0 % is even light, 100 % the finest stripes a pixel grid can hold "
    "(2 px a period), above it only slanting ones. The curve "
    "below is the strength of each size, the band is shaded.",
    read="Look at 30 to 142 % for grain and blocks: the grain of a part from elsewhere is finer, coarser or missing. At "
    "1 to 10 % lighting and large-scale retouching show: soft brushes leave clouds there.",
    cannot="The band says nothing about why details are missing; blur, compression and denoising all take the finest.",
    draw=_draw,
    parameters=(
        Span("band", "Band (share of the finest stripes)", 0.0, HIGHEST, (30.0, HIGHEST), 0.5, "%"),
        Choice("shown", "Show what lies", (INSIDE, OUTSIDE), INSIDE),
        Slider("order", "Steepness of the edges", 1, 8, 3, 1),
        Slider("amplify", "Gain (0: by itself)", 0.0, 40.0, 0.0, 0.5),
    ),
    chart="radial_spectrum",
)
