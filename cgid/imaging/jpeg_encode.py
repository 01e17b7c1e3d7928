"""JPEG encoding: the only place where pixels are compressed as baseline JPEG and decoded again."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image

SUBSAMPLINGS = ("4:4:4", "4:2:2", "4:2:0")  # what Pillow can write
ENCODERS = ("pillow", "opencv")


def encode(rgb: np.ndarray, quality: int, subsampling: str = "4:2:0", exif: bytes = b"") -> bytes:
    """Baseline JPEG of uint8 (H, W, 3) by Pillow: standard Huffman tables, no restart markers, no metadata but `exif`.

    quality: 1..100, of the reference encoder. subsampling: of colour, one of SUBSAMPLINGS. exif: an EXIF block.
    """
    buffer = BytesIO()
    picture = Image.fromarray(np.ascontiguousarray(rgb))
    picture.save(buffer, "JPEG", quality=quality, subsampling=subsampling, exif=exif)
    return buffer.getvalue()


def reencode(rgb: np.ndarray, quality: int, subsampling: str = "4:2:0", encoder: str = "pillow") -> np.ndarray:
    """uint8 (H, W, 3) after one JPEG compression of that quality.

    encoder: `opencv` uses that library's tables and always 4:2:0; for augmentation only.
    """
    if encoder == "opencv":
        return _opencv(rgb, quality)
    file = BytesIO(encode(rgb, quality, subsampling))
    return np.asarray(Image.open(file, formats=("JPEG",))).reshape(rgb.shape)


def _opencv(rgb: np.ndarray, quality: int) -> np.ndarray:
    import cv2

    _, coded = cv2.imencode(".jpg", np.ascontiguousarray(rgb[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    assert decoded is not None, "OpenCV reads what it has just written"
    return np.ascontiguousarray(decoded[..., ::-1])
