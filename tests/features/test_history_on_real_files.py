"""What JPEG history and resampling say of public image sets, held against what is known of how these were made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cgid.features.group import extract
from cgid.features.groups import cfa
from cgid.features.registry import select_groups
from cgid.imaging.image_file import ImageFile

pytestmark = pytest.mark.real


def columns(folder: Path, key: str, most: int = 60) -> dict[str, np.ndarray]:
    rows = [extract(ImageFile.open(path), select_groups(key))[0] for path in sorted(folder.glob("*.jpg"))[:most]]
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def test_spliced_files_were_saved_before_and_authentic_ones_were_not(shared_data) -> None:
    authentic = columns(shared_data / "splice/casia1/Au", "jpeg_history")["jpeg_former_quality"]
    spliced = columns(shared_data / "splice/casia1/Sp", "jpeg_history")["jpeg_former_quality"]
    assert np.isnan(authentic).mean() > 0.9
    assert np.isnan(spliced).mean() < 0.6


@pytest.mark.parametrize("kind", ["real", "fake"])
def test_both_classes_of_one_set_show_the_same_first_compression(shared_data, kind: str) -> None:
    folder = shared_data / "faces_forged/openforensics_relabelled/val" / kind
    found = columns(folder, "jpeg_history", 40)["jpeg_former_quality"]
    assert np.mean(np.abs(found - 75) <= 1) > 0.9


def test_photographs_resized_for_a_set_show_it_more_often_than_generated_images(shared_data) -> None:
    folder = shared_data / "photo_ai/diffusiondb_vs_coco_imagenet"
    real, fake = (columns(folder / kind, "resampling", 80)["resampling_joint_peak"] for kind in ("real", "fake"))
    assert (real > 3).mean() > 2 * (fake > 3).mean()
    assert np.median(real) > np.median(fake)


def test_a_phones_own_photograph_keeps_its_filters_rhythm_and_generated_images_have_none(shared_data) -> None:
    folder = shared_data / "c2pa_and_metadata"
    phone = ImageFile.open(folder / "public-testfiles/truepic-20230212-camera.jpg")
    assert cfa.compute(phone)["green_evidence"] > 5
    for made in ("phone_vs_ai/fake", "humanOrAi"):
        for path in sorted((folder / made).glob("*.png")):
            assert cfa.compute(ImageFile.open(path))["green_evidence"] < 4, path.name
