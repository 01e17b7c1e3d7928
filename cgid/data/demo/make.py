"""Create one demo image of the plan in every version: the work of one process."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from cgid.artifacts import DEMO_PREFIX
from cgid.data.demo import autoencoder, camera, renderer
from cgid.data.demo.plan import GENERATORS, DemoImage, Photo, margin, random_crop, usable
from cgid.imaging.jpeg_encode import encode

VERSIONS = ("leaky", "matched")
TRAINING_CROPS = 64
OUT_OF_FOCUS = 0.25  # fraction of the photographs
EDGE = 4  # pixels cropped away: a network's padding affects them
_CODE = {name: code for code, name in enumerate(("real", *GENERATORS))}


@dataclass(frozen=True, slots=True)
class Batch:
    """Images of one maker for one worker. folder: of the versions. weights: of an auto-encoder."""

    images: tuple[DemoImage, ...]
    size: int
    seed: int
    folder: Path
    versions: tuple[str, ...]
    weights: Mapping[str, np.ndarray] | None = None


@dataclass(frozen=True, slots=True)
class Training:
    """Train one auto-encoder for images of `size` pixels."""

    kind: str
    size: int
    seed: int


def run_task(task: Batch | Training) -> dict:
    """Run one task; {"weights": …} of a training or {"rows": {version: manifest rows}} of a batch."""
    if isinstance(task, Training):
        return {"kind": task.kind, "weights": _train(task)}
    rows: dict[str, list[dict[str, object]]] = {v: [] for v in task.versions}
    for shot in task.images:
        rng = np.random.default_rng([task.seed, _CODE[shot.maker], shot.number])
        pixels, maker, exif = _pixels(shot, task, rng)
        for version in task.versions:
            suffix, data = _encode(version, pixels, shot, task, exif)
            path = task.folder / version / shot.folder / f"{shot.number:05d}{suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            rows[version].append(
                {
                    "filepath": path.relative_to(task.folder / version).as_posix(),
                    "label": shot.label,
                    "source": f"{DEMO_PREFIX}{version}",
                    "generator": maker,
                    "split": "",
                    "group": shot.group,
                    "simulated": 1,
                }
            )
    return {"rows": rows}


def _pixels(shot: DemoImage, task: Batch, rng: np.random.Generator) -> tuple[np.ndarray, str, bytes]:
    """(pixels before any crop and file format, maker's name, EXIF of a camera)."""
    side = task.size + margin(task.size)
    if shot.photo is None:
        return renderer.render(side, shot.colour, rng), shot.maker, b""
    pixels, body, iso = _photograph(shot.photo, side, shot.colour, rng)
    if shot.maker == "real":
        return pixels, body.name, camera.exif(body, iso, task.size, rng)
    assert task.weights is not None
    seed = int(rng.integers(2**31))
    return autoencoder.generate(shot.maker, task.weights, pixels, shot.colour, seed), shot.maker, b""


def _photograph(
    photo: Photo, side: int, colour: bool, rng: np.random.Generator
) -> tuple[np.ndarray, camera.Camera, int]:
    """(what the camera delivers, camera, ISO). Focus varies, so that sharpness alone does not separate photographs from copies."""
    body = camera.CAMERAS[rng.integers(len(camera.CAMERAS))]
    iso = int(rng.choice(camera.ISO))
    scene = random_crop(photo, side, rng)
    if rng.random() < OUT_OF_FOCUS:
        scene = cv2.GaussianBlur(scene, (0, 0), float(rng.uniform(0.6, 1.4)))
    return camera.expose(scene, body, iso, colour, rng), body, iso


def _encode(version: str, pixels: np.ndarray, shot: DemoImage, task: Batch, exif: bytes) -> tuple[str, bytes]:
    """File of one version. `leaky`: camera JPEG with EXIF against PNG. `matched`: the same JPEG encoder for all."""
    rng = np.random.default_rng([task.seed, 50 + VERSIONS.index(version), _CODE[shot.maker], shot.number])
    room = pixels.shape[0] - task.size - 2 * EDGE
    top, left = EDGE + rng.integers(room + 1, size=2)
    crop = pixels[top : top + task.size, left : left + task.size]
    if version == "matched":
        return ".jpg", encode(crop, shot.quality)
    if shot.label == "ai":
        buffer = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(crop)).save(buffer, "PNG")
        return ".png", buffer.getvalue()
    subsampling = str(rng.choice(["4:2:0", "4:2:2"]))
    return ".jpg", encode(crop, int(rng.integers(70, 97)), subsampling, exif)


def _train(task: Training) -> dict[str, np.ndarray]:
    side = task.size + margin(task.size)
    photos: Sequence = usable(side)
    rng = np.random.default_rng([task.seed, 90, _CODE[task.kind]])
    chosen = [photos[i % len(photos)] for i in range(TRAINING_CROPS)]
    crops = [_photograph(photo, side, photo.colour, rng)[0] for photo in chosen]
    return autoencoder.train(task.kind, np.stack(crops), int(rng.integers(2**31)))
