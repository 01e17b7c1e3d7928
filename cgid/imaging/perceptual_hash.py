"""Perceptual hashes: 64 bits that describe an image's appearance; few differ after recompression or resizing.

pHash is the DCT hash of Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions" (2010); it, dHash
and aHash as the library ImageHash computes them, all of one reduced image. Manifests hold the pHash, so a checked
image can be looked up in them: the reduction below must not change.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from cgid.imaging.luma import luma8
from cgid.imaging.rgb import to_rgb8

REDUCED_SIDE = 256  # px, minimum of the shorter side of the reduced image
# Below this standard deviation of grey levels the bits of a hash are rounding noise.
MIN_DEVIATION = 2.0
_TRANSPOSES = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def phash(image: Image.Image) -> str:
    """16 hex digits of a decoded image, "" if it is too uniform to distinguish from others."""
    return _phash(reduced_grey(image))


def perceptual_hashes(image: Image.Image) -> dict[str, str]:
    """{"pHash", "dHash", "aHash": 16 hex digits} of a decoded image; pHash is "" if it is too uniform."""
    import imagehash

    grey = reduced_grey(image)
    return {"pHash": _phash(grey), "dHash": str(imagehash.dhash(grey)), "aHash": str(imagehash.average_hash(grey))}


def _phash(grey: Image.Image) -> str:
    import imagehash

    if float(np.asarray(grey.resize((32, 32), Image.Resampling.LANCZOS), np.float32).std()) < MIN_DEVIATION:
        return ""
    return str(imagehash.phash(grey))


def reduced_grey(image: Image.Image) -> Image.Image:
    """8-bit grey over white; large images are first reduced by an integer factor.

    Upright by EXIF; with transparency or more than 8 bits in the stored orientation, as in manifests.
    """
    factor = min(image.size) // REDUCED_SIDE
    if image.mode.startswith(("I", "F")):
        values = np.nan_to_num(np.asarray(image, np.float64))
        low, high = values.min(), values.max()
        flat = Image.fromarray(((values - low) * (255.0 / max(high - low, 1e-9))).astype(np.uint8))
    elif "A" in image.getbands() or "transparency" in image.info:
        flat = image.convert("RGBA")
        flat = Image.alpha_composite(Image.new("RGBA", flat.size, "white"), flat)
    elif image.mode == "LAB":
        flat = Image.fromarray(to_rgb8(image))
    else:
        flat = image
    grey = luma8(flat)
    if factor > 1:
        grey = grey.reduce(factor)
    turn = _transpose_for(flat)
    return grey if turn is None else grey.transpose(turn)


def _transpose_for(image: Image.Image) -> Image.Transpose | None:
    try:
        orientation = image.getexif().get(0x0112, 1)
    except Exception:  # with broken EXIF the stored orientation is used
        return None
    return _TRANSPOSES.get(orientation) if isinstance(orientation, int) else None
