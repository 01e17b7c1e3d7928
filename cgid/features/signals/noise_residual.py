"""Statistics of noise residuals: Wiener residual, moments, spectral flatness, and noise as a function of brightness."""

from __future__ import annotations

import numpy as np

from cgid.features.signals.shared import block_means

BRIGHTNESS_STEPS = np.linspace(8, 248, 17)  # the clipped ends of 0..255 carry no noise and are excluded
MIN_BLOCKS = 8  # 8 x 8 blocks that a step of brightness needs
MIN_STEPS = 4
MAX_WINDOWS = 48  # of the power spectrum; of more, every second is used, in a chequerboard pattern


def wiener_residual(gray: np.ndarray) -> np.ndarray:
    """float32 (H, W): I minus its 3 x 3 Wiener estimate; noise power = mean local variance; borders mirrored."""
    import cv2

    centred = gray - np.float32(128)  # limits the rounding error of the difference of squares in 32 bits
    mean = cv2.blur(centred, (3, 3), borderType=cv2.BORDER_REFLECT).reshape(gray.shape)
    variance: np.ndarray = cv2.blur(centred * centred, (3, 3), borderType=cv2.BORDER_REFLECT).reshape(gray.shape)
    variance -= mean * mean
    np.maximum(variance, 0, out=variance)
    noise = variance.mean()
    centred -= mean
    if noise > 0:
        # If the local variance is below the noise the estimate is the mean, otherwise it moves towards the pixel.
        centred *= np.divide(noise, np.maximum(variance, noise, out=variance), out=variance)
    return centred


def statistics(residual: np.ndarray) -> tuple[float, float, float, float, float]:
    """(variance, skew, excess kurtosis, correlation with the right, with the lower neighbour) of float32 values.

    All but the first are NaN if nothing varies.
    """
    centred = residual - residual.mean()
    squared = centred * centred
    total = float(squared.sum())
    variance = total / squared.size
    if variance < 1e-9:
        return variance, np.nan, np.nan, np.nan, np.nan

    def correlation(products: np.ndarray, first: np.ndarray, last: np.ndarray) -> float:
        power = np.sqrt(max(0.0, total - float(last.sum())) * max(0.0, total - float(first.sum())))
        return float(products.sum() / power) if power > 1e-9 else np.nan

    across = correlation(centred[:, :-1] * centred[:, 1:], squared[:, 0], squared[:, -1])
    down = correlation(centred[:-1] * centred[1:], squared[0], squared[-1])
    centred *= squared
    skew = float(centred.mean()) / variance**1.5
    squared *= squared
    return variance, skew, float(squared.mean()) / variance**2 - 3, across, down


def flatness(residual: np.ndarray) -> float:
    """Geometric over arithmetic mean of the power spectrum; 1 for white noise of any size, NaN if nothing varies.

    Power averaged over n Hann windows of 64 px side by side (a power of two from 8 to half the image in small ones;
    every second one where there are more than 48).
    The mean of log of an average of n exponential variables falls short of the log of its mean by about
    1 / 2n + 1 / 12n²; without this correction small images would appear less flat.
    """
    from scipy.fft import rfft2

    side = 64
    while side > max(8, min(residual.shape) // 2):
        side //= 2
    rows, columns = residual.shape[0] // side, residual.shape[1] // side
    if not rows or not columns:
        return np.nan
    taper = np.hanning(side + 1)[:side].astype(np.float32)
    windows: np.ndarray = residual[: rows * side, : columns * side].reshape(rows, side, columns, side).swapaxes(1, 2)
    if rows * columns > MAX_WINDOWS:
        windows = windows[np.add.outer(np.arange(rows), np.arange(columns)) % 2 == 0]
    windows = windows.reshape(-1, side, side)
    transform = rfft2(windows * np.outer(taper, taper), workers=1)
    power = (np.square(transform.real) + np.square(transform.imag)).mean(axis=0, dtype=np.float64)
    drift = np.zeros(power.shape, bool)
    drift[[-1, 0, 1], :2] = True  # the mean, spread by the window to adjacent bins
    power = power[~drift]
    average, n = float(power.mean()), len(windows)
    if average < 1e-9:
        return np.nan
    log_mean = float(np.log(np.maximum(power, average * 1e-12)).mean()) + 1 / (2 * n) + 1 / (12 * n * n)
    return min(1.0, float(np.exp(log_mean)) / average)


def immerkaer(gray: np.ndarray) -> np.ndarray:
    """float32 (H - 2, W - 2): second difference in both directions over 6, of unit gain for white noise."""
    import cv2

    second = np.array([1, -2, 1], np.float32)
    return cv2.sepFilter2D(gray, cv2.CV_32F, second, second / 6).reshape(gray.shape)[1:-1, 1:-1]


def brightness_line(gray: np.ndarray, high_power: np.ndarray) -> tuple[float, float, float]:
    """(slope, intercept, correlation) of noise variance against brightness; NaN if brightness hardly varies.

    8 x 8 blocks, sixteen steps of brightness; in each, the quarter of blocks with the lowest variance (texture only adds to it); one point per step, weighted
    by its number of blocks.
    """
    light, power = block_means(gray[1:-1, 1:-1], 8).ravel(), block_means(high_power, 8).ravel()
    step = np.digitize(light, BRIGHTNESS_STEPS)
    points = []
    for k in range(1, len(BRIGHTNESS_STEPS)):
        inside = step == k
        count = int(np.count_nonzero(inside))
        if count >= MIN_BLOCKS:
            lights, powers = light[inside], power[inside]
            flat = np.argpartition(powers, count // 4 - 1)[: count // 4]
            points.append((lights[flat].mean(), powers[flat].mean(), count))
    if len(points) < MIN_STEPS:
        return np.nan, np.nan, np.nan
    x, y, weight = np.array(points).T
    mx, my = np.average(x, weights=weight), np.average(y, weights=weight)
    xx, yy = np.average((x - mx) ** 2, weights=weight), np.average((y - my) ** 2, weights=weight)
    xy = np.average((x - mx) * (y - my), weights=weight)
    slope = xy / xx
    return float(slope), float(my - slope * mx), float(xy / np.sqrt(xx * yy)) if yy > 1e-12 else np.nan
