"""Manifests of tiny images for the training tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_images import make_images

from cgid.data.manifest import write_manifest


@pytest.fixture(scope="session")
def tiny(tmp_path_factory) -> dict[str, Path]:
    """{"train", "val", "test", "other"}: manifests of 32, 24, 24 and 16 images."""
    folder = tmp_path_factory.mktemp("tiny")
    made = {}
    for seed, (name, count) in enumerate({"train": 32, "val": 24, "test": 24, "other": 16}.items()):
        made[name] = folder / f"{name}.csv"
        write_manifest(make_images(folder / name, count, seed), made[name])
    return made
