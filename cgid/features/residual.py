"""The arithmetic of noise residuals: Wiener residual, moments, flatness, and the line of noise against light."""

from __future__ import annotations

import numpy as np

from cgid.features.blocks import block_means

LIGHT_STEPS = np.linspace(8, 248, 17)  # clipped ends of 0..255 carry no noise and are left out
FEWEST_BLOCKS = 8  # a step of brightness with fewer 8 x 8 blocks says nothing
FEWEST_STEPS = 4


def wiener_residual(gray: np.ndarray) -> np.ndarray:
    """float32 (H, W): I minus its 3 x 3 Wiener estimate; noise power = mean local variance; borders mirrored."""
    import cv2

    centred = gray - np.float32(128)  # keeps the difference of squares exact enough in 32 bits
    mean = cv2.blur(centred, (3, 3), borderType=cv2.BORDER_REFLECT).reshape(gray.shape)
    variance = cv2.blur(centred * centred, (3, 3), borderType=cv2.BORDER_REFLECT).reshape(gray.shape)
    variance -= mean * mean
    np.maximum(variance, 0, out=variance)
    noise = np.float32(variance.mean(dtype=np.float64))
    # Where the local variance is below the noise the estimate is the mean, else it moves towards the pixel.
    share = np.divide(noise, np.maximum(variance, noise), out=np.zeros_like(variance), where=variance > 0)
    return (centred - mean) * share


def moments(residual: np.ndarray) -> tuple[float, float, float]:
    """(variance, skew, excess kurtosis); the last two NaN where nothing varies."""
    centred = residual - residual.mean(dtype=np.float64)
    squared = centred * centred
    variance = float(squared.mean())
    if variance < 1e-9:
        return variance, np.nan, np.nan
    skew = float((squared * centred).mean()) / variance**1.5
    return variance, skew, float((squared * squared).mean()) / variance**2 - 3


def neighbour_correlation(residual: np.ndarray) -> tuple[float, float]:
    """Correlation with the (right, lower) neighbour; NaN where nothing varies."""
    centred = residual.astype(np.float64) - residual.mean(dtype=np.float64)
    return _correlation(centred[:, :-1], centred[:, 1:]), _correlation(centred[:-1], centred[1:])


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    power = np.sqrt(np.square(a).sum() * np.square(b).sum())
    return float((a * b).sum() / power) if power > 1e-9 else np.nan


def flatness(residual: np.ndarray) -> float:
    """Geometric over arithmetic mean of the power spectrum, averaged over Hann windows; NaN where nothing varies.

    Windows of 64 px that overlap by half (a smaller power of two, at least 8, in small pictures). Averaging matters:
    one window of white noise alone would give 0.56, many approach 1.
    """
    from scipy.fft import rfft2

    side = 64
    while side > min(residual.shape):
        side //= 2
    if side < 8:
        return np.nan
    windows = np.lib.stride_tricks.sliding_window_view(residual, (side, side))[:: side // 2, :: side // 2]
    taper = np.hanning(side + 1)[:side].astype(np.float32)
    stack = windows.reshape(-1, side, side) * np.outer(taper, taper)
    power = np.square(np.abs(rfft2(stack, workers=1))).mean(axis=0, dtype=np.float64)
    power = power[2:, 2:]  # the mean and the slow drift next to it are no noise
    average = float(power.mean())
    if average < 1e-9:
        return np.nan
    return float(np.exp(np.log(np.maximum(power, average * 1e-12)).mean()) / average)


def immerkaer(gray: np.ndarray) -> np.ndarray:
    """float32 (H - 2, W - 2): second difference in both directions over 6, of unit gain for white noise."""
    rows = gray[:-2] - 2 * gray[1:-1] + gray[2:]
    return (rows[:, :-2] - 2 * rows[:, 1:-1] + rows[:, 2:]) / np.float32(6)


def brightness_line(gray: np.ndarray, high_pass: np.ndarray) -> tuple[float, float, float]:
    """(slope, intercept, correlation) of noise variance against brightness; NaN where brightness hardly varies.

    8 x 8 blocks, sixteen steps of brightness; in each the blocks of the lowest quarter of variance (texture only adds),
    one point per step, weighted by its number of blocks.
    """
    light, power = block_means(gray[1:-1, 1:-1], 8).ravel(), block_means(np.square(high_pass), 8).ravel()
    step = np.digitize(light, LIGHT_STEPS)
    points = []
    for k in range(1, len(LIGHT_STEPS)):
        inside = step == k
        count = int(inside.sum())
        if count >= FEWEST_BLOCKS:
            lights, powers = light[inside], power[inside]
            flat = powers <= np.quantile(powers, 0.25)
            points.append((lights[flat].mean(), powers[flat].mean(), count))
    if len(points) < FEWEST_STEPS:
        return np.nan, np.nan, np.nan
    x, y, weight = np.array(points).T
    mx, my = np.average(x, weights=weight), np.average(y, weights=weight)
    xx, yy = np.average((x - mx) ** 2, weights=weight), np.average((y - my) ** 2, weights=weight)
    xy = np.average((x - mx) * (y - my), weights=weight)
    slope = xy / xx
    return float(slope), float(my - slope * mx), float(xy / np.sqrt(xx * yy)) if yy > 1e-12 else np.nan
