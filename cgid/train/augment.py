"""Presets of augmentation: what happens to pictures on their way through the web, drawn without a look at the label.

A trace that only one class carries is learnt instead of the content; a trace that both classes get alike cannot be.
Order of the steps: crop, down and up again, Gaussian blur, noise, JPEG. Flip, shift and the quarter turns of crops come
before them, with or without a preset (cgid.train.loader).

`cnndetection`: the variant Blur+JPEG(0.5) of Wang, Wang, Zhang, Owens, Efros, "CNN-generated images are surprisingly
easy to spot... for now", CVPR 2020: sigma 0 to 3 with p = 0.5, then JPEG of quality 30 to 100 with p = 0.5, saved by
Pillow or OpenCV at random; its random crop of 224 from 256 is the loader's shift. Unlike its published code the blur
is rounded, not cut off, to whole levels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from cgid.errors import InputError
from cgid.imaging.degrade import gaussian_blur, gaussian_noise
from cgid.imaging.jpeg_encode import reencode

FILTERS = (Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS)
SMALLEST = 8  # px, of a side after cropping or scaling


@dataclass(frozen=True, slots=True)
class Step:
    """share: of images that get it (0..1). low, high: its strength, drawn evenly between them."""

    share: float = 0.0
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True, slots=True)
class Preset:
    """crop: side that is kept, as a share. resize: side it is scaled down to, as a share. blur: sigma in px.
    noise: standard deviation in grey levels. jpeg: quality, whole numbers, both ends included. opencv: share of the
    JPEGs that OpenCV saves, the others by Pillow.
    """

    crop: Step = Step()
    resize: Step = Step()
    blur: Step = Step()
    noise: Step = Step()
    jpeg: Step = Step()
    opencv: float = 0.0


PRESETS: dict[str, Preset | None] = {
    "none": None,
    "web": Preset(
        crop=Step(0.3, 0.7, 1.0),
        resize=Step(0.5, 0.5, 1.0),
        blur=Step(0.2, 0.0, 1.5),
        noise=Step(0.2, 0.0, 4.0),
        jpeg=Step(0.7, 50, 95),
        opencv=0.5,
    ),
    "cnndetection": Preset(blur=Step(0.5, 0.0, 3.0), jpeg=Step(0.5, 30, 100), opencv=0.5),
}


def preset(name: str) -> Preset | None:
    """Raises InputError where there is none of that name."""
    if name not in PRESETS:
        raise InputError(f"--augment {name!r} is not one of {', '.join(PRESETS)}.")
    return PRESETS[name]


@dataclass(frozen=True, slots=True)
class Traces:
    """One epoch's draws for n places, each (n,). crop, scale: share of the side, 1 = none. place: of the crop, (n, 2)
    in 0..1. blur, noise: 0 = none. quality: 0 = none. kernel: index into FILTERS. opencv: bool.
    """

    crop: np.ndarray
    place: np.ndarray
    scale: np.ndarray
    kernel: np.ndarray
    blur: np.ndarray
    noise: np.ndarray
    quality: np.ndarray
    opencv: np.ndarray
    seed: int
    epoch: int

    @classmethod
    def of(cls, chosen: Preset, n: int, seed: int, epoch: int) -> Traces:
        random = np.random.default_rng([seed, epoch, 3])

        def strength(step: Step, none: float) -> np.ndarray:
            happens, value = random.random(n) < step.share, random.uniform(step.low, step.high, n)
            return np.where(happens, value, none)

        crop, place = strength(chosen.crop, 1.0), random.random((n, 2))
        scale, kernel = strength(chosen.resize, 1.0), random.integers(0, len(FILTERS), n)
        blur, noise = strength(chosen.blur, 0.0), strength(chosen.noise, 0.0)
        happens = random.random(n) < chosen.jpeg.share
        quality = np.where(happens, random.integers(int(chosen.jpeg.low), int(chosen.jpeg.high) + 1, n), 0)
        return cls(crop, place, scale, kernel, blur, noise, quality, random.random(n) < chosen.opencv, seed, epoch)

    def on(self, rgb: np.ndarray, i: int) -> np.ndarray:
        """uint8 (S, S, 3) as place i sees it in this epoch."""
        if self.crop[i] < 1:
            rgb = cropped(rgb, self.crop[i], self.place[i], FILTERS[self.kernel[i]])
        if self.scale[i] < 1:
            rgb = down_and_up(rgb, self.scale[i], FILTERS[self.kernel[i]])
        if self.blur[i] > 0:
            rgb = gaussian_blur(rgb, self.blur[i])
        if self.noise[i] > 0:
            rgb = gaussian_noise(rgb, self.noise[i], np.random.default_rng([self.seed, self.epoch, 4, i]))
        if self.quality[i]:
            rgb = reencode(rgb, int(self.quality[i]), encoder="opencv" if self.opencv[i] else "pillow")
        return rgb


def cropped(rgb: np.ndarray, share: float, place: np.ndarray, kernel: Image.Resampling) -> np.ndarray:
    """A square of `share` of the side, at `place` (0..1, down and right) of the room there is, scaled back up."""
    size = len(rgb)
    side = min(size, max(SMALLEST, round(size * share)))
    top, left = (place * (size - side + 1)).astype(int)
    cut = np.ascontiguousarray(rgb[top : top + side, left : left + side])
    return np.asarray(Image.fromarray(cut).resize((size, size), kernel))


def down_and_up(rgb: np.ndarray, share: float, kernel: Image.Resampling) -> np.ndarray:
    """Scaled to `share` of the side, and back by the same kernel."""
    size = len(rgb)
    side = min(size, max(SMALLEST, round(size * share)))
    small = Image.fromarray(np.ascontiguousarray(rgb)).resize((side, side), kernel)
    return np.asarray(small.resize((size, size), kernel))
