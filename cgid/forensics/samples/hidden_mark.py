"""Writes the invisible mark of Stable Diffusion's reference program: the other side of `features/groups/watermark.py`.

In each 4x4 block of the Haar approximation of U the largest coefficient but the first is moved to a quarter (bit 0) or
three quarters (bit 1) of a step. Definition: invisible-watermark library, method dwtDct.
"""

from __future__ import annotations

import numpy as np

from cgid.features.groups.watermark import STEP


def written(rgb: np.ndarray, bits: np.ndarray) -> np.ndarray:
    """rgb: uint8 (H, W, 3). bits: bool (n,), repeated in reading order. The picture with the mark, uint8 (H, W, 3)."""
    import cv2

    yuv = cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2YUV).astype(np.float32)
    rows, columns = rgb.shape[0] // 8, rgb.shape[1] // 8
    u = yuv[: rows * 8, : columns * 8, 1].copy()
    # The Haar approximation is half the sum of 2 x 2 pixels; blocks lie in reading order, 16 values each.
    approximation = u.reshape(rows * 4, 2, columns * 4, 2).sum(axis=(1, 3)) / 2
    blocks = approximation.reshape(rows, 4, columns, 4).swapaxes(1, 2).reshape(-1, 16)
    place = np.abs(blocks[:, 1:]).argmax(axis=1) + 1
    each = np.arange(len(blocks))
    value = blocks[each, place]
    wanted = (np.abs(value) // STEP + 0.25 + 0.5 * bits[each % len(bits)]) * STEP
    change = np.zeros_like(blocks)
    change[each, place] = (np.copysign(wanted, value) - value) / 2
    change = change.reshape(rows, columns, 4, 4).swapaxes(1, 2).reshape(rows * 4, columns * 4)
    yuv[: rows * 8, : columns * 8, 1] = u + change.repeat(2, axis=0).repeat(2, axis=1)
    return cv2.cvtColor(yuv.round().clip(0, 255).astype(np.uint8), cv2.COLOR_YUV2RGB)
