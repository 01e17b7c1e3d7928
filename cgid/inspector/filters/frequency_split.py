"""Band-pass filter: isolates coarse lighting, medium structure or fine noise.

Zero-phase Butterworth edges: gain 1 / (1 + (f / edge)^(2 order)), smooth to avoid ringing at contours. The image is
extended by reflection.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from cgid.imaging.display import percentile_range, signed_to_grey
from cgid.inspector.filter import Choice, Filter, FilterResult, Slider, Span
from cgid.inspector.view import View

INSIDE, OUTSIDE = "inside the band", "outside the band"
BORDER = 24  # px on each side
FLOOR = 1e-4  # power, far below one grey level's rounding
MAX_FREQUENCY = 142.0  # % of Nyquist: beyond the finest diagonal


def padded_spectrum(view: View) -> tuple[np.ndarray, tuple[int, int]]:
    """(half plane of the transform of the mirrored brightness, its size in px)."""
    import cv2
    from scipy.fft import next_fast_len, rfft2

    height, width = view.luma.shape
    size = tuple(next_fast_len(n + 2 * BORDER, real=True) for n in (height, width))
    more = (BORDER, size[0] - height - BORDER, BORDER, size[1] - width - BORDER)
    return rfft2(cv2.copyMakeBorder(view.luma, *more, cv2.BORDER_REFLECT_101), workers=1), size


@lru_cache(maxsize=2)
def _squared_frequency(size: tuple[int, int]) -> np.ndarray:
    """float32: squared frequency of each bin of the half plane, 100² at the Nyquist frequency."""
    down, across = np.fft.fftfreq(size[0])[:, None], np.fft.rfftfreq(size[1])[None, :]
    return ((down**2 + across**2) * 200**2).astype(np.float32)


def band_gain(size: tuple[int, int], low: float, high: float, order: int) -> np.ndarray:
    """float32, half plane: 1 inside the band, 1/2 at its edges, 0 far outside. low, high: % of Nyquist."""
    squared = _squared_frequency(size)
    response = np.ones_like(squared)
    if high < MAX_FREQUENCY:
        response /= 1 + (squared / np.float32(max(high, 0.05) ** 2)) ** order
    if low > 0:
        with np.errstate(over="ignore"):
            fall = 1 / (1 + (squared / np.float32(low**2)) ** order)
        response *= 1 - fall
    return response


def profile(view: View) -> np.ndarray:
    """float64 (101,): mean log power (dB) at 0 to 1/2 cycle per px, the rings 1/200 wide."""
    spectrum, size = view.cached(padded_spectrum)
    ring = np.sqrt(_squared_frequency(size)).astype(np.uint8).ravel()
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    power *= np.float32(1 / (size[0] * size[1]))
    level = np.bincount(ring, weights=10 * np.log10(power + np.float32(FLOOR)).ravel(), minlength=101)
    return (level / np.maximum(np.bincount(ring, minlength=101), 1))[:101]


def _apply(view: View, band: tuple[float, float], shown: str, order: int, amplify: float) -> FilterResult:
    from scipy.fft import irfft2

    spectrum, size = view.cached(padded_spectrum)
    height, width = view.luma.shape
    detail = irfft2(spectrum * band_gain(size, *band, order), size, workers=1, overwrite_x=True)
    detail = detail[BORDER : BORDER + height, BORDER : BORDER + width]
    if shown == OUTSIDE:
        detail = view.luma - detail
    total = float(view.luma.var(dtype=np.float64))
    percent = 100 * float(detail.var(dtype=np.float64)) / total if total > 1e-6 else 0.0
    finding = f"What lies {shown}, {_periods(*band)}, holds {percent:.2f} % of the variance of brightness."
    if (shown == INSIDE) == (band[0] == 0):  # the result contains the mean
        picture = (detail + np.float32(0.5)).clip(0, 255).astype(np.uint8)
    else:
        low, high = percentile_range(detail, 2)
        picture = signed_to_grey(detail, 127 / amplify if amplify > 0 else max(-low, high))
    columns = {"frequency": np.arange(101) / 200, "level": view.cached(profile)}
    return FilterResult(
        finding, picture, columns | {name: np.full(101, edge / 200) for name, edge in zip(("from", "to"), band)}
    )


def _periods(low: float, high: float) -> str:
    finest = (
        f"periods of {200 / high:.1f} px" if 0 < high < MAX_FREQUENCY else "the finest details" if high else "evenness"
    )
    return f"{finest} to {200 / low:.1f} px" if low else f"{finest} and all that is coarser"


FILTER = Filter(
    name="frequency_split",
    title="Frequency split",
    category="Frequencies",
    shows="Only the details within a band of frequencies: 0 % is uniform, 100 % the finest stripes on a pixel grid "
    "(period 2 px), above it only diagonal ones. The curve "
    "below is the power at each frequency, the band is shaded.",
    read="Look at 30 to 142 % for noise and blocks: the noise of an inserted part is finer, coarser or missing. At "
    "1 to 10 % lighting and large-scale retouching show: soft brushes leave clouds there.",
    cannot="It does not show why details are missing: blur, compression and denoising all remove the finest ones.",
    apply=_apply,
    parameters=(
        Span("band", "Band (relative to the finest stripes)", 0.0, MAX_FREQUENCY, (30.0, MAX_FREQUENCY), 0.5, "%"),
        Choice("shown", "Show what lies", (INSIDE, OUTSIDE), INSIDE),
        Slider("order", "Steepness of the edges", 1, 8, 3, 1),
        Slider("amplify", "Gain (0: automatic)", 0.0, 40.0, 0.0, 0.5),
    ),
    chart="radial_spectrum",
)
