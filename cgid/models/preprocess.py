"""The one way from decoded pixels to a network's input, shared by training's evaluation and by inference.

Pillow and NumPy only, outside the ONNX graph, so that a figure measured in training holds at the moment of use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from PIL import Image

from cgid.errors import InputError

FITS = ("resize", "crop")
# Channel statistics of ImageNet, the convention of every published weight file.
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True, slots=True)
class Preprocess:
    """image_size: side S in pixels. fit: `resize` scales the whole image to S x S with antialiasing (its aspect is
    given up); `crop` cuts the central S x S at native resolution and mirrors smaller images at their edges.
    mean, std: per channel, of values in 0..1.
    """

    image_size: int
    fit: str = "resize"
    mean: tuple[float, ...] = MEAN
    std: tuple[float, ...] = STD

    def __post_init__(self) -> None:
        if self.fit not in FITS:
            raise InputError(f"fit {self.fit!r} is not one of {', '.join(FITS)}.")
        if not 8 <= self.image_size <= 4096:
            raise InputError(f"An image size of {self.image_size} px is not between 8 and 4096.")

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Preprocess:
        return cls(int(values["image_size"]), values["fit"], tuple(values["mean"]), tuple(values["std"]))

    def to_json(self) -> dict[str, Any]:
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}

    def square(self, rgb: np.ndarray) -> np.ndarray:
        """uint8 (H, W, 3) to uint8 (S, S, 3)."""
        return resized(rgb, self.image_size) if self.fit == "resize" else centre(rgb, self.image_size)

    def normalise(self, squares: np.ndarray) -> np.ndarray:
        """uint8 (…, S, S, 3) to float32 (…, 3, S, S)."""
        scale, offset = self.scale_offset()
        return np.ascontiguousarray(np.moveaxis(squares * scale + offset, -1, -3))

    def scale_offset(self) -> tuple[np.ndarray, np.ndarray]:
        """float32 (3,) each: normalised = uint8 value * scale + offset."""
        mean, std = np.asarray(self.mean, np.float64), np.asarray(self.std, np.float64)
        return (1 / (255 * std)).astype(np.float32), (-mean / std).astype(np.float32)

    def apply(self, rgb: np.ndarray) -> np.ndarray:
        """uint8 (H, W, 3), upright, to float32 (3, S, S)."""
        return self.normalise(self.square(rgb))


def resized(rgb: np.ndarray, size: int) -> np.ndarray:
    """The whole image scaled to uint8 (size, size, 3); bilinear with antialiasing."""
    if rgb.shape[:2] == (size, size):
        return rgb
    return np.asarray(Image.fromarray(rgb).resize((size, size), Image.Resampling.BILINEAR))


def centre(rgb: np.ndarray, size: int) -> np.ndarray:
    """Central uint8 (size, size, 3) at native resolution; sides that are too short are mirrored outwards."""
    height, width = rgb.shape[:2]
    top, left = max(0, height - size) // 2, max(0, width - size) // 2
    return mirrored(rgb[top : top + size, left : left + size], size)


def mirrored(rgb: np.ndarray, size: int) -> np.ndarray:
    """At least `size` px a side, by reflection about the outermost pixels, the larger half before: so the centre of a
    larger square is the same pixels as the smaller square."""
    short = [max(0, size - side) for side in rgb.shape[:2]]
    if not any(short):
        return rgb
    return np.pad(rgb, [*((s - s // 2, s // 2) for s in short), (0, 0)], mode="reflect")
