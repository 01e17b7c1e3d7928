"""Preprocessing: from decoded pixels to a network's input, shared by training's evaluation and by inference.

Pillow and NumPy only, outside the ONNX graph, so that metrics of the training hold at inference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from PIL import Image

from cgid.errors import InputError

FITS = ("resize", "crop", "resize_crop")
DEFAULT_RESIZE_RATIO = 256 / 224  # shorter side over input side, as torchvision's published weights are evaluated
MAX_ASPECT = 4  # times the shorter side; of a strip beyond that the middle is scaled, so that memory stays bounded
# Channel statistics of ImageNet, the convention of every published weight file.
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True, slots=True)
class Preprocess:
    """image_size: side S in pixels. fit: `resize` scales the whole image to S x S with antialiasing (its aspect is
    given up); `crop` cuts the central S x S at native resolution and mirrors smaller images at their edges;
    `resize_crop` scales the shorter side to `resize_to` px, aspect kept, and cuts the central S x S: torchvision's
    Resize(resize_to) and CenterCrop(S). mean, std: per channel, of values in 0..1. resize_to: 0 = S x 256 / 224.
    """

    image_size: int
    fit: str = "resize"
    mean: tuple[float, ...] = MEAN
    std: tuple[float, ...] = STD
    resize_to: int = 0

    def __post_init__(self) -> None:
        if self.fit not in FITS:
            raise InputError(f"fit {self.fit!r} is not one of {', '.join(FITS)}.")
        if not 8 <= self.image_size <= 4096:
            raise InputError(f"An image size of {self.image_size} px is not between 8 and 4096.")
        if self.fit != "resize_crop":
            if self.resize_to:
                raise InputError(f"A shorter side of {self.resize_to} px needs fit resize_crop, not {self.fit}.")
            return
        shorter = self.resize_to or min(4096, round(self.image_size * DEFAULT_RESIZE_RATIO))
        if not self.image_size <= shorter <= 4096:
            raise InputError(f"A shorter side of {shorter} px is not between {self.image_size} and 4096.")
        object.__setattr__(self, "resize_to", shorter)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Preprocess:
        size, shorter = int(values["image_size"]), int(values.get("resize_to", 0))
        return cls(size, values["fit"], tuple(values["mean"]), tuple(values["std"]), shorter)

    def to_json(self) -> dict[str, Any]:
        """`resize_to` is there where it means something, so that files of the other fits read as they always did."""
        values = {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}
        return {k: v for k, v in values.items() if k != "resize_to" or v}

    def input_pixels(self, rgb: np.ndarray) -> np.ndarray:
        """uint8 (H, W, 3) to uint8 (S, S, 3)."""
        if self.fit == "resize_crop":
            return centre_crop(resize_shorter_side(rgb, self.resize_to), self.image_size)
        return resized(rgb, self.image_size) if self.fit == "resize" else centre_pixels(rgb, self.image_size)

    def normalise(self, inputs: np.ndarray) -> np.ndarray:
        """uint8 (…, S, S, 3) to float32 (…, 3, S, S)."""
        (*many, height, width, _), (scale, offset) = inputs.shape, self.scale_offset()
        result = np.empty((*many, 3, height, width), np.float32)
        for channel in range(3):  # in place, plane by plane: five times as fast as on the whole
            plane = result[..., channel, :, :]
            np.multiply(inputs[..., channel], scale[channel], out=plane)
            plane += offset[channel]
        return result

    def scale_offset(self) -> tuple[np.ndarray, np.ndarray]:
        """float32 (3,) each: normalised = uint8 value * scale + offset."""
        mean, std = np.asarray(self.mean, np.float64), np.asarray(self.std, np.float64)
        return (1 / (255 * std)).astype(np.float32), (-mean / std).astype(np.float32)

    def apply(self, rgb: np.ndarray) -> np.ndarray:
        """uint8 (H, W, 3), upright, to float32 (3, S, S)."""
        return self.normalise(self.input_pixels(rgb))


def resized(rgb: np.ndarray, size: int) -> np.ndarray:
    """The whole image scaled to uint8 (size, size, 3); bilinear with antialiasing."""
    if rgb.shape[:2] == (size, size):
        return rgb
    return np.asarray(Image.fromarray(rgb).resize((size, size), Image.Resampling.BILINEAR))


def centre_pixels(rgb: np.ndarray, size: int) -> np.ndarray:
    """Central uint8 (size, size, 3) at native resolution; sides that are too short are mirrored outwards."""
    height, width = rgb.shape[:2]
    top, left = max(0, height - size) // 2, max(0, width - size) // 2
    return mirror_pad(rgb[top : top + size, left : left + size], size)


def resize_shorter_side(rgb: np.ndarray, shorter: int) -> np.ndarray:
    """The image scaled so that its shorter side is `shorter` px, the longer in proportion, rounded down; bilinear with
    antialiasing. Of one longer than LONGEST times its shorter side only the middle is kept."""
    shorter_side = min(rgb.shape[:2])
    lengths = [
        min(side, MAX_ASPECT * shorter_side + (side - MAX_ASPECT * shorter_side) % 2) for side in rgb.shape[:2]
    ]  # the same centre
    top, left = ((side - length) // 2 for side, length in zip(rgb.shape[:2], lengths))
    rgb = rgb[top : top + lengths[0], left : left + lengths[1]]
    height, width = (int(shorter * side / shorter_side) for side in lengths)
    if rgb.shape[:2] == (height, width):
        return rgb
    return np.asarray(Image.fromarray(np.ascontiguousarray(rgb)).resize((width, height), Image.Resampling.BILINEAR))


def centre_crop(rgb: np.ndarray, size: int, margin: int = 0) -> np.ndarray:
    """uint8 (size + margin, size + margin, 3) around the central size x size, which lies as torchvision's CenterCrop
    puts it (halves to the even number). rgb: at least `size` a side. margin: even; mirrored where the image ends."""
    cuts, short = [], []
    for side in rgb.shape[:2]:
        start = round((side - size) / 2) - margin // 2
        end = start + size + margin
        cuts.append(slice(max(0, start), min(side, end)))
        short.append((max(0, -start), max(0, end - side)))
    cut = rgb[cuts[0], cuts[1]]
    return np.pad(cut, [*short, (0, 0)], mode="reflect") if any(map(any, short)) else cut


def mirror_pad(rgb: np.ndarray, size: int) -> np.ndarray:
    """At least `size` px a side, by reflection about the outermost pixels, the larger half before: so the centre of a
    larger square is the same pixels as the smaller square."""
    short = [max(0, size - side) for side in rgb.shape[:2]]
    if not any(short):
        return rgb
    return np.pad(rgb, [*((s - s // 2, s // 2) for s in short), (0, 0)], mode="reflect")
