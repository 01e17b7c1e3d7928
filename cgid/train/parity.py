"""Whether an ONNX file says what it should: its probabilities beside the expected ones, on real images of the run."""

from __future__ import annotations

from typing import Any

import numpy as np

from cgid.errors import InputError
from cgid.features.image import ImageFile, UnreadableImage
from cgid.models.onnx_model import OnnxModel
from cgid.runs.run import Run
from cgid.train.predictions import read

TOLERANCE = 1e-4  # largest difference of a probability
IMAGES = 64


def parity_images(run: Run) -> list[np.ndarray]:
    """Some of the run's test and validation images, evenly spread, uint8 (H, W, 3); files that are gone are passed over."""
    paths = [p for split in ("test", "val") for p in read(run.predictions_path(split))["filepath"]]
    chosen = [paths[i] for i in np.unique(np.linspace(0, len(paths) - 1, IMAGES).astype(int))]
    images = []
    for path in chosen:
        try:
            images.append(ImageFile.open(path).rgb)
        except UnreadableImage:
            continue
    if not images:
        raise InputError("None of the run's test and validation images can be read, so the export cannot be compared.")
    return images


def compare(model: OnnxModel, images: list[np.ndarray], expected: np.ndarray) -> dict[str, Any]:
    """How far the file's probabilities are from the network's, `expected` (n,), on the same images."""
    found = model.probabilities(images)
    difference = float(np.abs(found - expected).max())
    same = bool(((found >= 0.5) == (expected >= 0.5)).all())
    passed = difference <= TOLERANCE and same
    return {
        "images": len(images),
        "largest_difference": difference,
        "tolerance": TOLERANCE,
        "same_labels": same,
        "passed": passed,
    }
