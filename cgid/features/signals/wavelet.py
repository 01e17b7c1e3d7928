"""Haar wavelet packets, and prediction errors of fine detail from neighbouring coefficients.

Orthonormal Haar steps: for two neighbours a, b the low band holds (a + b) / sqrt(2), the high band (a - b) / sqrt(2).
"""

from __future__ import annotations

import numpy as np

LEVELS = 3
MIN_FIT_ROWS = 32  # evenly spaced rows of coefficients that fit the predictor's seven weights


def _frequency_order() -> np.ndarray:
    """int (64,): index of the packet of frequency (vertical, horizontal) = divmod(i, 8) among the level 3 packets.

    A high-pass step reverses the order of the frequencies below it, so the path of low (0) and high (1) steps to
    frequency f is its Gray code. The axes are vertical 3, horizontal 3, vertical 2, and so on.
    """
    where = np.arange(64).reshape((2,) * 6).transpose(4, 2, 0, 5, 3, 1).reshape(8, 8)
    gray = [f ^ (f >> 1) for f in range(8)]
    return where[np.ix_(gray, gray)].ravel()


BY_FREQUENCY = _frequency_order()
# A hundredth of a squared level regularises least squares for repeated or empty rows.
_RIDGE = 0.01 * np.eye(8)


def haar_step(planes: np.ndarray) -> np.ndarray:
    """One orthonormal Haar step: float32 (…, h, w) of even sides to (2, 2, …, h / 2, w / 2): low, high in each
    direction.

    The first axis is the vertical step, the second the horizontal one.
    """
    upper, lower = planes[..., 0::2, :], planes[..., 1::2, :]
    *rest, height, width = upper.shape
    bands = np.empty((2, 2, *rest, height, width // 2), np.float32)
    half = np.empty(upper.shape, np.float32)
    for low_or_high, combine in enumerate((np.add, np.subtract)):
        combine(upper, lower, out=half)
        half *= np.float32(0.5)
        np.add(half[..., 0::2], half[..., 1::2], out=bands[low_or_high, 0])
        np.subtract(half[..., 0::2], half[..., 1::2], out=bands[low_or_high, 1])
    return bands


def haar_packets(gray: np.ndarray) -> list[np.ndarray]:
    """Packets of level 1 (2, 2, h/2, w/2), 2 (2, 2, 2, 2, h/4, w/4) and 3 (2, …, 2, h/8, w/8); sides multiples of 8.

    Axes come in pairs (down, across), the last step first: level 2 at [:, :, 0, 0] is the next level of the coarse
    part.
    """
    packets = [haar_step(gray)]
    for _ in range(LEVELS - 1):
        packets.append(haar_step(packets[-1]))
    return packets


def detail_bands(packets: list[np.ndarray], level: int) -> np.ndarray:
    """float32 (3, h, w): horizontal, vertical and diagonal detail of a level of the wavelet pyramid."""
    plane = packets[level - 1]
    while plane.ndim > 4:
        plane = plane[:, :, 0, 0]
    return np.stack([plane[0, 1], plane[1, 0], plane[1, 1]])


def prediction_errors(fine: np.ndarray, coarse: np.ndarray) -> np.ndarray:
    """float32 (3, n): log2 of (size + 1) over (predicted size + 1) of the details of the finest level, in grey levels.

    fine (3, h, w), coarse (3, h / 2, w / 2): details of level 1 and 2. A coefficient's size is predicted from seven
    others by least squares: its four neighbours, the coefficient above it in the coarser level, and two of the other
    directions (across and down: the diagonal detail and the one above that; diagonal: the other two). The paper takes
    the logarithm of the plain sizes; the one level added keeps flat areas, whose magnitude is 0, from dominating.
    """
    size, above = np.abs(fine), np.abs(coarse)
    _, height, width = size.shape
    inner = np.s_[1 : height - 1, 1 : width - 1]
    parents = above.repeat(2, axis=1).repeat(2, axis=2)
    errors = np.empty((3, (height - 2) * (width - 2)), np.float32)
    known = np.empty((8, height - 2, width - 2), np.float32)
    for k in range(3):
        known[0] = size[k][inner]
        known[1], known[2] = size[k, :-2, 1:-1], size[k, 2:, 1:-1]
        known[3], known[4] = size[k, 1:-1, :-2], size[k, 1:-1, 2:]
        known[5] = parents[k][inner]
        known[6], known[7] = (size[2][inner], parents[2][inner]) if k < 2 else (size[0][inner], size[1][inner])
        weights = _fit_weights(known[:, :: max(1, len(known[0]) // MIN_FIT_ROWS)].reshape(8, -1))
        errors[k] = _log_ratio(known.reshape(8, -1), weights)
    return errors


def _fit_weights(known: np.ndarray) -> np.ndarray:
    """float32 (7,): least-squares weights of rows 1 to 7 for row 0."""
    products = known @ known.T + known.shape[1] * _RIDGE
    return np.linalg.solve(products[1:, 1:], products[1:, 0]).astype(np.float32)


def _log_ratio(known: np.ndarray, weights: np.ndarray) -> np.ndarray:
    predicted = weights @ known[1:]
    np.maximum(predicted, 0, out=predicted)
    predicted += np.float32(1)
    np.divide(known[0] + np.float32(1), predicted, out=predicted)
    return np.log2(predicted, out=predicted)
