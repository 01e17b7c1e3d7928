"""What the filters find on real forgeries of known places: the part of CASIA v1 that lies beside the repository."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cgid.features.signals import double_quantisation
from cgid.imaging.image_file import ImageFile
from cgid.inspector import coefficients
from cgid.inspector.filters import copy_move, copy_move_blocks, double_quantisation_map
from cgid.inspector.view import View

pytestmark = pytest.mark.real
SOME = 16


def views(folder: Path, start: str = "") -> list[View]:
    """SOME of the folder's pictures, evenly spread over their names, which begin with the kind of scene."""
    files = sorted(folder.glob(f"{start}*.jpg"))
    return [View(ImageFile.open(p)) for p in files[:: max(1, len(files) // SOME)][:SOME]]


def found(view: View) -> tuple[bool, bool]:
    """Whether something is found twice, by points and by squares, with the filters' own defaults."""
    points = copy_move.find_regions(view, **_defaults(copy_move, "show"))
    return bool(points), bool(copy_move_blocks.find_regions(view, **_defaults(copy_move_blocks)))


def _defaults(module, *without: str) -> dict:
    return {name: value for name, value in module.FILTER.values().items() if name not in without}


def test_most_copied_parts_are_found_and_hardly_one_where_nothing_was_copied(shared_data: Path) -> None:
    copied = np.array([found(view) for view in views(shared_data / "splice/casia1/Sp", "Sp_S_")])
    honest = np.array([found(view) for view in views(shared_data / "splice/casia1/Au")])
    assert copied.any(axis=1).mean() >= 0.75
    assert honest.any(axis=1).mean() <= 0.1


def test_parts_from_other_pictures_stand_out_where_an_earlier_save_shows(shared_data: Path) -> None:
    masks = {p.name.rsplit("_gt", 1)[0]: p for p in (shared_data / "splice/casia1/mask").rglob("*.png")}
    areas = []
    for file in sorted((shared_data / "splice/casia1/Sp").glob("Sp_D_*.jpg")):
        view = View(ImageFile.open(file))
        evidence = view.cached(coefficients.evidence)
        if file.stem not in masks or evidence.max() < double_quantisation.DETECTION_THRESHOLD:
            continue
        mask = np.asarray(Image.open(masks[file.stem]).convert("L")) > 127
        if mask.shape != view.stored.shape[:2]:
            continue
        chance, told = double_quantisation_map.single_compression_probability(view, int(evidence.argmax()) + 1, 3)
        rows, columns = chance.shape
        share = mask[: rows * 8, : columns * 8].reshape(rows, 8, columns, 8).mean(axis=(1, 3))
        inside, outside = chance[told & (share > 0.9)], chance[told & (share < 0.1)]
        above = (inside[:, None] > outside[None]).mean() + (inside[:, None] == outside[None]).mean() / 2
        areas.append(float(above))
    assert len(areas) >= 5
    assert np.median(areas) > 0.9
