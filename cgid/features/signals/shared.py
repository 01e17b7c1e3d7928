"""Intermediate results shared by several groups, computed once per image: `image.cached(shared.block_dct)`.

All use the central crop at native resolution, at most CAP px a side, its corner on the 8-px grid: nothing is resized,
and a 50-megapixel photograph costs no more than one of half a megapixel.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from cgid.imaging.image_file import ImageFile

CAP = 512


def pixels(image: ImageFile) -> np.ndarray:
    """uint8 (h, w, 3), upright, contiguous."""
    return np.ascontiguousarray(image.centre_crop(CAP))


def luma(image: ImageFile) -> np.ndarray:
    """float32 (h, w), 0..255, Rec. 601 luma of `pixels`."""
    return image.luma_crop(CAP)


def stored_luma(image: ImageFile) -> np.ndarray:
    """As `luma`, in the file's own orientation, so that a JPEG's block grid starts at its corner."""
    return image.cached(luma) if image.orientation == 1 else image.stored_luma_crop(CAP)


def block_dct(image: ImageFile) -> np.ndarray:
    """float32 (8, 8, rows, columns): coefficient (vertical, horizontal frequency) of each whole 8 x 8 block.

    Orthonormal DCT-II of `stored_luma` - 128 (ITU-T T.81, A.3.3). A plane of one frequency is contiguous.
    """
    return dct_of_blocks(image.cached(stored_luma))


def dct_of_blocks(gray: np.ndarray) -> np.ndarray:
    """As `block_dct`, of a luma plane float32 0..255 whose blocks start at its corner."""
    rows, columns = gray.shape[0] // 8, gray.shape[1] // 8
    basis = dct_basis()
    centred = gray[: rows * 8, : columns * 8] - np.float32(128)
    across = centred.reshape(-1, 8) @ basis.T
    both = np.matmul(basis, across.reshape(rows, 8, columns * 8))
    return np.ascontiguousarray(both.reshape(rows, 8, columns, 8).transpose(1, 3, 0, 2))


@lru_cache(maxsize=1)
def dct_basis() -> np.ndarray:
    """float32 (8, 8): row k is the k-th cosine, orthonormal."""
    k, x = np.mgrid[:8, :8]
    basis = np.cos(np.pi * (2 * x + 1) * k / 16) * np.where(k == 0, np.sqrt(1 / 8), 0.5)
    return basis.astype(np.float32)


def block_means(values: np.ndarray, block: int) -> np.ndarray:
    """float64 (H // block, W // block): mean of each whole block of a 2-D array; incomplete blocks are ignored."""
    import cv2

    rows, columns = values.shape[0] // block, values.shape[1] // block
    if not rows or not columns:
        return np.empty((rows, columns))
    whole = np.asarray(values[: rows * block, : columns * block], np.float32)
    # For an integer factor this interpolation is the plain mean, several times faster than numpy's over two axes.
    return cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA).reshape(rows, columns).astype(np.float64)
