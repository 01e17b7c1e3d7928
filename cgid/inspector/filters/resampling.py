"""Resampling detection: in enlarged parts, pixels can be predicted from their neighbours periodically."""

from __future__ import annotations

import numpy as np

from cgid.imaging.display import colormap, normalise_contrast
from cgid.inspector.filter import Choice, Filter, FilterResult
from cgid.inspector.overlays import blocks_to_pixels
from cgid.inspector.view import View

# Kirchner's fixed predictor: each pixel from its eight neighbours.
FIXED_PREDICTOR = np.array([[-0.25, 0.5, -0.25], [0.5, 0.0, 0.5], [-0.25, 0.5, -0.25]], np.float32)
ERROR_VARIANCE = 2.0  # levels²: prediction error variance of a predictable pixel
MAX_FIT_PIXELS = 20000  # pixels that the predictor is fitted to
EM_ITERATIONS = 8  # of the EM algorithm
MIN_FREQUENCY = 0.08  # cycles per pixel: lower frequencies are dominated by the scene
# times the amplitude around it; windows of 128 px of eight photographs at their own size reach 6.0
DETECTION_THRESHOLD = 6.5
MIN_SIDE = 128


def fit_predictor(gray: np.ndarray) -> np.ndarray:
    """float32 (5, 5): linear predictor of a pixel from its 24 neighbours, by expectation-maximisation (Popescu and Farid).

    Two classes of pixels are assumed: predictable ones with Gaussian errors, and others with uniformly distributed
    values. Deterministic: starts from FIXED_PREDICTOR.
    """
    height, width = gray.shape
    every = max(1, int(np.sqrt((height - 4) * (width - 4) / MAX_FIT_PIXELS)))
    # An odd stride samples every phase of the period.
    every += 1 - every % 2
    rows, columns = np.arange(2, height - 2, every), np.arange(2, width - 2, every)
    beside = [(d, a) for d in range(-2, 3) for a in range(-2, 3) if d or a]
    known = np.stack([gray[np.ix_(rows + d, columns + a)].ravel() for d, a in beside], axis=1).astype(np.float64) - 128
    value = gray[np.ix_(rows, columns)].ravel().astype(np.float64) - 128
    weights = np.array([FIXED_PREDICTOR[d + 1, a + 1] if max(abs(d), abs(a)) == 1 else 0 for d, a in beside])
    variance = 25.0
    for _ in range(EM_ITERATIONS):
        squared = np.square(value - known @ weights)
        fits = np.exp(-squared / (2 * variance)) / np.sqrt(2 * np.pi * variance)
        share = fits / (fits + 1 / 256)
        weighted = known * share[:, None]
        weights = np.linalg.solve(weighted.T @ known + 1e-3 * len(value) * np.eye(24), weighted.T @ value)
        variance = max(0.05, float((share * np.square(value - known @ weights)).sum() / max(share.sum(), 1e-9)))
    kernel = np.zeros((5, 5), np.float32)
    for (d, a), weight in zip(beside, weights):
        kernel[d + 2, a + 2] = weight
    return kernel


def probability_map(gray: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """float32 (h, w), 0..1: how well each pixel is predicted by its neighbours (probability map)."""
    import cv2

    error: np.ndarray = gray - cv2.filter2D(gray, cv2.CV_32F, kernel, borderType=cv2.BORDER_REFLECT).reshape(gray.shape)
    np.square(error, out=error)
    error *= np.float32(-1 / (2 * ERROR_VARIANCE))
    return np.exp(error, out=error)


def _fixed_map(view: View) -> np.ndarray:
    return probability_map(view.stored_luma, FIXED_PREDICTOR)


def _fitted_map(view: View) -> np.ndarray:
    return probability_map(view.stored_luma, fit_predictor(view.stored_luma))


def window_spectra(likely: np.ndarray, side: int) -> np.ndarray:
    """float32 (rows, columns, side, side / 2 + 1): amplitude relative to its surroundings, in half-overlapping windows."""
    import cv2
    from scipy.fft import rfft2

    step = side // 2
    rows, columns = ((length - side) // step + 1 for length in likely.shape)
    taper = np.hanning(side + 1)[:side].astype(np.float32)
    taper = np.outer(taper, taper)
    out = np.empty((rows, columns, side, side // 2 + 1), np.float32)
    for row in range(rows):  # one row at a time, to limit memory
        strip = np.lib.stride_tricks.sliding_window_view(likely[row * step : row * step + side], (side, side))
        windows = strip[0, : columns * step : step]
        amplitude = np.abs(rfft2((windows - windows.mean(axis=(1, 2), keepdims=True)) * taper, workers=1))
        amplitude[:, 0, 0] = 0
        for column in range(columns):
            each = np.fft.fftshift(amplitude[column], axes=0)
            around = cv2.blur(each, (13, 13), borderType=cv2.BORDER_REFLECT)
            out[row, column] = np.fft.ifftshift(each / (around + 1e-3 + 0.05 * each.mean()), axes=0)
    return out


def search_mask(side: int) -> np.ndarray:
    """bool (side, side / 2 + 1): frequencies searched for resampling: none next to multiples of 1/8, which JPEG blocks cause."""
    down, across = np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None]
    near = [np.abs(f * 8 - np.rint(f * 8)) / 8 <= 1.1 / side for f in (down, across)]
    return (np.hypot(down, across) > MIN_FREQUENCY) & ~(near[0] & near[1])


def _apply(view: View, predictor: str, side: str, show: str) -> FilterResult:
    shape = view.stored.shape[:2]
    window = int(side.split()[0])
    if min(shape) < MIN_SIDE or min(shape) < window:
        return FilterResult("The view is too small to detect resampling.", np.zeros(view.rgb.shape[:2], np.uint8))
    likely = view.cached(_fixed_map if predictor == "fixed" else _fitted_map)
    heights = window_spectra(likely, window)
    peaks = np.where(search_mask(window), heights, 0).reshape(*heights.shape[:2], -1)
    strongest = peaks.max(axis=-1)
    if show == "spectrum":
        whole = np.fft.fftshift(heights.mean(axis=(0, 1)), axes=0)
        both = np.concatenate([np.roll(whole[::-1], 1, axis=0)[:, :0:-1], whole], axis=1)
        return FilterResult(
            _finding(peaks, strongest, window), normalise_contrast(both, 0.5, DETECTION_THRESHOLD / 1.5), aligned=False
        )
    if show == "what follows":
        picture = normalise_contrast(likely, 0, 1)
    else:
        tones = normalise_contrast(strongest, DETECTION_THRESHOLD / 2, 2 * DETECTION_THRESHOLD)
        picture = colormap(blocks_to_pixels(tones, window // 2, shape, window // 4, window // 4))
    return FilterResult(_finding(peaks, strongest, window), view.upright(picture))


def _finding(peaks: np.ndarray, strongest: np.ndarray, side: int) -> str:
    clear = strongest >= DETECTION_THRESHOLD
    if not clear.any():
        return f"No part shows a resampling period (strongest peak {strongest.max():.1f} times its surroundings)."
    row, column = np.unravel_index(int(strongest.argmax()), strongest.shape)
    down, across = divmod(int(peaks[row, column].argmax()), side // 2 + 1)
    period = abs(np.fft.fftfreq(side)[down]), across / side
    return (
        f"{100 * float(clear.mean()):.0f} % of the view shows a resampling period; the strongest peak is "
        f"{strongest.max():.1f} times its surroundings, at {period[1]:.2f} cycles per pixel across and {period[0]:.2f} down."
    )


FILTER = Filter(
    name="resampling",
    title="Resampling",
    category="Copies and repairs",
    shows="Where pixels can be predicted from their neighbours periodically, as after enlarging: bright "
    "parts show such a period. Or the map of predictable pixels, or its spectrum.",
    read="A bright part with a clear outline was enlarged before it was inserted. All bright: the "
    "whole image was. In the spectrum look for isolated bright dots.",
    cannot="Fabric, tiles and screens are periodic too. JPEG compression hides the trace, even at quality 95, so it "
    "works mainly on PNG. Shrinking leaves no trace, small rotations little, and factors such as 2 and 4/3 "
    "cannot be distinguished from JPEG blocks.",
    apply=_apply,
    parameters=(
        Choice(
            "predictor",
            "Predictor",
            ("fixed", "learned from this view"),  # retired word: recorded in PNGs
            "fixed",
        ),
        Choice("side", "Window", ("64 px", "128 px"), "128 px"),
        Choice("show", "Show", ("rhythm", "what follows", "spectrum"), "rhythm"),
    ),
    cite="Popescu and Farid, Exposing digital forgeries by detecting traces of resampling, IEEE TSP 2005; Kirchner, Fast "
    "and reliable resampling detection by spectral analysis of fixed linear predictor residue, ACM MM&Sec 2008",
)
