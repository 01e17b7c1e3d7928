"""A simulated camera: turns a crop into what a sensor and its processor would have delivered, with matching EXIF.

Sensor noise after Foi et al., "Practical Poissonian-Gaussian Noise Modeling and Fitting for Single-Image Raw-Data",
IEEE Trans. Image Processing 17(10), 2008: variance = gain * signal + read noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from cgid.imaging.luma import WEIGHTS

LUMA = np.array(WEIGHTS, np.float32)
_CODE = np.arange(256) / 255
TO_LINEAR = np.where(_CODE <= 0.04045, _CODE / 12.92, ((_CODE + 0.055) / 1.055) ** 2.4).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Camera:
    """gain: noise variance per unit of signal at ISO 100. gains: white balance of red and blue. sharpen: amount."""

    name: str
    pattern: str
    edge_aware: bool
    gain: float
    read: float
    gains: tuple[float, float]
    sharpen: float
    lens: str
    focal: tuple[int, int]


CAMERAS = (
    Camera("demo_camera_1", "RGGB", False, 3e-5, 1e-7, (1.9, 1.5), 0.35, "Simulated Prime 35mm F2", (35, 35)),
    Camera("demo_camera_2", "BGGR", True, 5e-5, 3e-7, (2.1, 1.4), 0.5, "Simulated Zoom 24-70mm F2.8", (24, 70)),
    Camera("demo_camera_3", "GRBG", False, 9e-5, 6e-7, (1.7, 1.7), 0.7, "Simulated Phone Lens 26mm F1.8", (26, 26)),
    Camera("demo_camera_4", "GBRG", True, 4e-5, 2e-7, (2.0, 1.6), 0.2, "Simulated Zoom 70-200mm F4", (70, 200)),
)
ISO = (100, 200, 400, 800, 1600, 3200)
# Column (0 red, 1 green, 2 blue) under each pixel of the 2 x 2 tile, row by row.
_CHANNEL = {"R": 0, "G": 1, "B": 2}


def expose(pixels: np.ndarray, camera: Camera, iso: int, colour: bool, rng: np.random.Generator) -> np.ndarray:
    """Photograph `pixels` (uint8 sRGB (H, W, 3), even sides): uint8 (H, W, 3) as the camera delivers it.

    Linear light, mosaic, noise that grows with light, demosaic, white balance, gamma, slight sharpening.
    colour False: the camera's monochrome mode, three equal channels.
    """
    balance = np.array([camera.gains[0], 1.0, camera.gains[1]], np.float32)
    light = TO_LINEAR[pixels] * np.float32(rng.uniform(0.8, 1.0)) / balance
    raw = mosaic(light, camera.pattern)
    variance = camera.gain * iso / 100 * raw + camera.read * (iso / 100) ** 1.5
    raw = raw + rng.standard_normal(raw.shape, np.float32) * np.sqrt(variance, dtype=np.float32)
    # A pedestal keeps the noise of black from being cut in half before demosaicing, as real cameras do.
    coded = np.clip(raw * 57344 + 4096, 0, 65535).astype(np.uint16)
    code = getattr(cv2, f"COLOR_Bayer{camera.pattern}2RGB" + ("_EA" if camera.edge_aware else ""))
    light = (cv2.cvtColor(coded, code).astype(np.float32) - 4096) / 57344 * balance
    return develop(light, camera.sharpen, colour)


def develop(light: np.ndarray, sharpen: float, colour: bool) -> np.ndarray:
    """Linear light, float32 (H, W, 3) about 0..1 -> uint8 sRGB: gamma, unsharp mask, optionally monochrome."""
    light = np.clip(light, 0, 1)
    coded = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055).astype(np.float32)
    if sharpen:
        coded = coded + np.float32(sharpen) * (coded - cv2.GaussianBlur(coded, (0, 0), 0.9))
    if not colour:
        coded = np.repeat((coded @ LUMA)[..., None], 3, axis=2)
    return np.clip(np.rint(coded * 255), 0, 255).astype(np.uint8)


def mosaic(light: np.ndarray, pattern: str) -> np.ndarray:
    """Bayer mosaic of (H, W, 3): the one channel that each pixel records, (H, W)."""
    raw = np.empty(light.shape[:2], np.float32)
    for index, letter in enumerate(pattern):
        row, column = divmod(index, 2)
        raw[row::2, column::2] = light[row::2, column::2, _CHANNEL[letter]]
    return raw


def exif(camera: Camera, iso: int, side: int, rng: np.random.Generator) -> bytes:
    """EXIF of the simulated exposure: maker, model, lens, aperture, time, ISO, dates that agree with each other."""
    low, high = camera.focal
    focal = int(rng.integers(low, high + 1))
    # Brighter scenes get the lower ISO and the shorter time, as a meter would choose.
    time = float(2.0 ** -rng.uniform(5, 10)) if iso <= 400 else float(2.0 ** -rng.uniform(3, 7))
    year, month, day = 2023 + int(rng.integers(3)), int(rng.integers(1, 13)), int(rng.integers(1, 29))
    hour, minute, second = int(rng.integers(7, 22)), int(rng.integers(60)), int(rng.integers(60))
    taken = f"{year}:{month:02d}:{day:02d} {hour:02d}:{minute:02d}:{second:02d}"
    tags = Image.Exif()
    tags[0x010E] = "Simulated photograph of the cgid demo"  # ImageDescription
    tags[0x010F] = "Simulated"  # Make
    tags[0x0110] = f"Simulated {camera.name.replace('_', ' ').title()}"  # Model
    tags[0x0112] = 1  # Orientation
    tags[0x0132] = taken  # DateTime
    detail = tags.get_ifd(0x8769)
    detail[0x829A] = time  # ExposureTime, seconds
    detail[0x829D] = float(rng.choice([2.0, 2.8, 4.0, 5.6, 8.0]))  # FNumber
    detail[0x8827] = iso  # ISOSpeedRatings
    detail[0x9003] = detail[0x9004] = taken  # DateTimeOriginal, DateTimeDigitized
    detail[0x920A] = float(focal)  # FocalLength, mm
    detail[0xA002] = detail[0xA003] = side  # PixelXDimension, PixelYDimension
    detail[0xA434] = camera.lens  # LensModel
    return tags.tobytes()
