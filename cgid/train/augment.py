"""Augmentation presets: the degradations images go through on the web, sampled independently of the label.

A network trained on a trace that only one class carries fits the trace instead of the content; a trace that both
classes carry with the same probability cannot be fitted.
Order of the steps: crop, down and up again, Gaussian blur, noise, JPEG. Flip, shift and the quarter turns of crops come
before them, with or without a preset (cgid.train.loader).

`cnndetection`: the variant Blur+JPEG(0.5) of Wang, Wang, Zhang, Owens, Efros, "CNN-generated images are surprisingly
easy to spot... for now", CVPR 2020: sigma 0 to 3 with p = 0.5, then JPEG of quality 30 to 100 with p = 0.5, saved by
Pillow or OpenCV at random; its random crop of 224 from 256 is the loader's shift. Unlike in its published code the
blur is rounded, not truncated, to whole levels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from cgid.errors import InputError
from cgid.imaging.degrade import gaussian_blur, gaussian_noise
from cgid.imaging.jpeg_encode import reencode

FILTERS = (Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS)
MIN_SIDE = 8  # px, of a side after cropping or scaling


@dataclass(frozen=True, slots=True)
class RandomTransform:
    """probability: of an image to get it (0..1). low, high: bounds of its strength, sampled uniformly."""

    probability: float = 0.0
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True, slots=True)
class Preset:
    """crop: remaining side, as a fraction. resize: side it is scaled down to, as a fraction. blur: sigma in px.
    noise: standard deviation in grey levels. jpeg: quality, whole numbers, both ends included. opencv: fraction of the
    JPEGs that OpenCV encodes instead of Pillow.
    """

    crop: RandomTransform = RandomTransform()
    resize: RandomTransform = RandomTransform()
    blur: RandomTransform = RandomTransform()
    noise: RandomTransform = RandomTransform()
    jpeg: RandomTransform = RandomTransform()
    opencv: float = 0.0


PRESETS: dict[str, Preset | None] = {
    "none": None,
    "web": Preset(
        crop=RandomTransform(0.3, 0.7, 1.0),
        resize=RandomTransform(0.5, 0.5, 1.0),
        blur=RandomTransform(0.2, 0.0, 1.5),
        noise=RandomTransform(0.2, 0.0, 4.0),
        jpeg=RandomTransform(0.7, 50, 95),
        opencv=0.5,
    ),
    "cnndetection": Preset(blur=RandomTransform(0.5, 0.0, 3.0), jpeg=RandomTransform(0.5, 30, 100), opencv=0.5),
}


def preset(name: str) -> Preset | None:
    """The preset of this name; None for `none`. Raises InputError on an unknown name."""
    if name not in PRESETS:
        raise InputError(f"--augment {name!r} is not one of {', '.join(PRESETS)}.")
    return PRESETS[name]


@dataclass(frozen=True, slots=True)
class SampledPreset:
    """Sampled parameters of one epoch for n samples, each (n,). crop, scale: fraction of the side, 1 = none. offset:
    of the crop, (n, 2) in 0..1. blur, noise: 0 = none. quality: 0 = none. kernel: index into FILTERS. opencv: bool.
    """

    crop: np.ndarray
    offset: np.ndarray
    scale: np.ndarray
    kernel: np.ndarray
    blur: np.ndarray
    noise: np.ndarray
    quality: np.ndarray
    opencv: np.ndarray
    seed: int
    epoch: int

    @classmethod
    def of(cls, chosen: Preset, n: int, seed: int, epoch: int) -> SampledPreset:
        random = np.random.default_rng([seed, epoch, 3])

        def strength(step: RandomTransform, none: float) -> np.ndarray:
            happens, value = random.random(n) < step.probability, random.uniform(step.low, step.high, n)
            return np.where(happens, value, none)

        crop, offset = strength(chosen.crop, 1.0), random.random((n, 2))
        scale, kernel = strength(chosen.resize, 1.0), random.integers(0, len(FILTERS), n)
        blur, noise = strength(chosen.blur, 0.0), strength(chosen.noise, 0.0)
        happens = random.random(n) < chosen.jpeg.probability
        quality = np.where(happens, random.integers(int(chosen.jpeg.low), int(chosen.jpeg.high) + 1, n), 0)
        return cls(crop, offset, scale, kernel, blur, noise, quality, random.random(n) < chosen.opencv, seed, epoch)

    def apply(self, rgb: np.ndarray, sample: int) -> np.ndarray:
        """Apply the parameters of a sample to uint8 (S, S, 3)."""
        if self.crop[sample] < 1:
            rgb = crop_and_resize(rgb, self.crop[sample], self.offset[sample], FILTERS[self.kernel[sample]])
        if self.scale[sample] < 1:
            rgb = downscale_and_restore(rgb, self.scale[sample], FILTERS[self.kernel[sample]])
        if self.blur[sample] > 0:
            rgb = gaussian_blur(rgb, self.blur[sample])
        if self.noise[sample] > 0:
            rgb = gaussian_noise(rgb, self.noise[sample], np.random.default_rng([self.seed, self.epoch, 4, sample]))
        if self.quality[sample]:
            rgb = reencode(rgb, int(self.quality[sample]), encoder="opencv" if self.opencv[sample] else "pillow")
        return rgb


def crop_and_resize(rgb: np.ndarray, fraction: float, offset: np.ndarray, kernel: Image.Resampling) -> np.ndarray:
    """A square of `fraction` of the side, at `offset` (0..1, down and right) of the free space, scaled back up."""
    size = len(rgb)
    side = min(size, max(MIN_SIDE, round(size * fraction)))
    top, left = (offset * (size - side + 1)).astype(int)
    cut = np.ascontiguousarray(rgb[top : top + side, left : left + side])
    return np.asarray(Image.fromarray(cut).resize((size, size), kernel))


def downscale_and_restore(rgb: np.ndarray, fraction: float, kernel: Image.Resampling) -> np.ndarray:
    """Scaled to `fraction` of the side, and back with the same kernel."""
    size = len(rgb)
    side = min(size, max(MIN_SIDE, round(size * fraction)))
    small = Image.fromarray(np.ascontiguousarray(rgb)).resize((side, side), kernel)
    return np.asarray(small.resize((size, size), kernel))
