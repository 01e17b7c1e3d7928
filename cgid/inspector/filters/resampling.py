"""Finds parts that were enlarged: their pixels can be foretold from one another in a fixed rhythm."""

from __future__ import annotations

import numpy as np

from cgid.imaging.display import heat, stretch
from cgid.inspector.filter import Choice, Drawn, Filter
from cgid.inspector.overlays import over_pixels
from cgid.inspector.view import View

# Kirchner's fixed predictor: each pixel from its eight neighbours.
FIXED = np.array([[-0.25, 0.5, -0.25], [0.5, 0.0, 0.5], [-0.25, 0.5, -0.25]], np.float32)
SIGMA2 = 2.0  # levels²: how small an error counts as foretold
SAMPLE = 20000  # pixels that the predictor is learned from
ROUNDS = 8  # of expectation and maximisation
LOWEST = 0.08  # cycles per pixel: below it the scene's own course rules
SEEN = 6.5  # times the amplitude around it; windows of 128 px of eight photographs at their own size reach 6.0
LEAST_SIDE = 128


def learned(gray: np.ndarray) -> np.ndarray:
    """float32 (5, 5): how a pixel follows from the 24 around it, by expectation and maximisation (Popescu and Farid).

    Two kinds of pixels are assumed: those that follow from their neighbours but for Gaussian errors, and the others,
    any value alike. Deterministic: begins from FIXED.
    """
    height, width = gray.shape
    every = max(1, int(np.sqrt((height - 4) * (width - 4) / SAMPLE)))
    # An odd stride meets every phase of the rhythm.
    every += 1 - every % 2
    rows, columns = np.arange(2, height - 2, every), np.arange(2, width - 2, every)
    beside = [(d, a) for d in range(-2, 3) for a in range(-2, 3) if d or a]
    known = np.stack([gray[np.ix_(rows + d, columns + a)].ravel() for d, a in beside], axis=1).astype(np.float64) - 128
    value = gray[np.ix_(rows, columns)].ravel().astype(np.float64) - 128
    weights = np.array([FIXED[d + 1, a + 1] if max(abs(d), abs(a)) == 1 else 0 for d, a in beside])
    variance = 25.0
    for _ in range(ROUNDS):
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


def foretold(gray: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """float32 (h, w), 0..1: how well each pixel follows from its neighbours (the probability map)."""
    import cv2

    error = gray - cv2.filter2D(gray, cv2.CV_32F, kernel, borderType=cv2.BORDER_REFLECT).reshape(gray.shape)
    np.square(error, out=error)
    error *= np.float32(-1 / (2 * SIGMA2))
    return np.exp(error, out=error)


def _fixed_map(view: View) -> np.ndarray:
    return foretold(view.stored_luma, FIXED)


def _learned_map(view: View) -> np.ndarray:
    return foretold(view.stored_luma, learned(view.stored_luma))


def spectra(likely: np.ndarray, side: int) -> np.ndarray:
    """float32 (rows, columns, side, side / 2 + 1): amplitude over that around it, of half-overlapping windows."""
    import cv2
    from scipy.fft import rfft2

    step = side // 2
    rows, columns = ((length - side) // step + 1 for length in likely.shape)
    taper = np.hanning(side + 1)[:side].astype(np.float32)
    taper = np.outer(taper, taper)
    out = np.empty((rows, columns, side, side // 2 + 1), np.float32)
    for row in range(rows):  # one row at a time, so that a large view is not held four times
        strip = np.lib.stride_tricks.sliding_window_view(likely[row * step : row * step + side], (side, side))
        windows = strip[0, : columns * step : step]
        amplitude = np.abs(rfft2((windows - windows.mean(axis=(1, 2), keepdims=True)) * taper, workers=1))
        amplitude[:, 0, 0] = 0
        for column in range(columns):
            each = np.fft.fftshift(amplitude[column], axes=0)
            around = cv2.blur(each, (13, 13), borderType=cv2.BORDER_REFLECT)
            out[row, column] = np.fft.ifftshift(each / (around + 1e-3 + 0.05 * each.mean()), axes=0)
    return out


def searched(side: int) -> np.ndarray:
    """bool (side, side / 2 + 1): frequencies where resampling is looked for: none beside multiples of 1/8, JPEG's own."""
    down, across = np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None]
    near = [np.abs(f * 8 - np.rint(f * 8)) / 8 <= 1.1 / side for f in (down, across)]
    return (np.hypot(down, across) > LOWEST) & ~(near[0] & near[1])


def _draw(view: View, predictor: str, side: str, show: str) -> Drawn:
    shape = view.stored.shape[:2]
    window = int(side.split()[0])
    if min(shape) < LEAST_SIDE or min(shape) < window:
        return Drawn("The view is too small to look for a rhythm.", np.zeros(view.rgb.shape[:2], np.uint8))
    likely = view.once(_fixed_map if predictor == "fixed" else _learned_map)
    heights = spectra(likely, window)
    peaks = np.where(searched(window), heights, 0).reshape(*heights.shape[:2], -1)
    strongest = peaks.max(axis=-1)
    if show == "spectrum":
        whole = np.fft.fftshift(heights.mean(axis=(0, 1)), axes=0)
        both = np.concatenate([np.roll(whole[::-1], 1, axis=0)[:, :0:-1], whole], axis=1)
        return Drawn(_finding(peaks, strongest, window), stretch(both, 0.5, SEEN / 1.5), aligned=False)
    if show == "what follows":
        picture = stretch(likely, 0, 1)
    else:
        drawn = stretch(strongest, SEEN / 2, 2 * SEEN)
        picture = heat(over_pixels(drawn, window // 2, shape, window // 4, window // 4))
    return Drawn(_finding(peaks, strongest, window), view.upright(picture))


def _finding(peaks: np.ndarray, strongest: np.ndarray, side: int) -> str:
    clear = strongest >= SEEN
    if not clear.any():
        return f"No part keeps a rhythm of resampling (strongest peak {strongest.max():.1f} times its surroundings)."
    row, column = np.unravel_index(int(strongest.argmax()), strongest.shape)
    down, across = divmod(int(peaks[row, column].argmax()), side // 2 + 1)
    period = abs(np.fft.fftfreq(side)[down]), across / side
    return (
        f"{100 * float(clear.mean()):.0f} % of the view keeps a rhythm of resampling; the clearest peak is "
        f"{strongest.max():.1f} times its surroundings, at {period[1]:.2f} cycles per pixel across and {period[0]:.2f} down."
    )


FILTER = Filter(
    name="resampling",
    title="Resampling",
    shelf="Copies and repairs",
    shows="Where pixels can be foretold from their neighbours in a fixed rhythm, as after enlarging: bright "
    "parts keep such a rhythm. Or the map of pixels that follow from their neighbours, or its spectrum.",
    read="A bright part with an outline was enlarged before it was put there. All bright: the "
    "whole picture was. In the spectrum look for lone bright dots.",
    cannot="Weave, tiles and screens make a rhythm of their own. A JPEG save hides it, even at quality 95, so it "
    "works on PNG above all. Shrinking leaves none, turning by a few degrees little, and factors such as 2 and 4/3 are "
    "not told from JPEG blocks.",
    draw=_draw,
    parameters=(
        Choice("predictor", "Predictor", ("fixed", "learned from this view"), "fixed"),
        Choice("side", "Window", ("64 px", "128 px"), "128 px"),
        Choice("show", "Show", ("rhythm", "what follows", "spectrum"), "rhythm"),
    ),
    cite="Popescu and Farid, Exposing digital forgeries by detecting traces of resampling, IEEE TSP 2005; Kirchner, Fast "
    "and reliable resampling detection by spectral analysis of fixed linear predictor residue, ACM MM&Sec 2008",
)
