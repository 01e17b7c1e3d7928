"""`cgid.extract_features` gives the table that `cgid features extract` writes."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import cgid
from cgid.cli.main import main
from cgid.data.manifest import read_manifest

GROUPS = ["container", "noise"]


@pytest.fixture
def manifest(tmp_path):
    random = np.random.default_rng(3)
    rows = []
    for i, label in enumerate(("real", "ai", "real", "ai")):
        Image.fromarray(random.integers(0, 255, (48, 64, 3), np.uint8)).save(tmp_path / f"{i}.png")
        rows.append({"filepath": f"{i}.png", "label": label, "source": "s", "generator": "", "split": "train"})
    (tmp_path / "3.png").write_bytes(b"broken")
    path = tmp_path / "m.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


@pytest.fixture
def written(manifest, tmp_path):
    output = tmp_path / "cli" / "f.parquet"
    assert main(["extract", "--manifest", str(manifest), "--output", str(output), "--groups", "container,noise"]) == 0
    return pd.read_parquet(output)


def test_it_is_the_table_of_the_command(manifest, written, tmp_path, monkeypatch):
    """From a manifest's path, from its frame, and measured anew in another home."""
    monkeypatch.setenv("CGID_HOME", str(tmp_path / "other"))
    with pytest.warns(UserWarning, match="1 images could not be read"):
        found = cgid.extract_features(manifest, GROUPS)
    pd.testing.assert_frame_equal(found, written, check_exact=True)
    assert [f["filepath"] for f in found.attrs["failures"]] == [str(tmp_path / "3.png")]
    with pytest.warns(UserWarning):  # noqa: PT030
        by_frame = cgid.extract_features(read_manifest(manifest), GROUPS)
    pd.testing.assert_frame_equal(by_frame, written, check_exact=True)


def test_files_without_labels_give_a_table_without_labels(written, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = cgid.extract_features([tmp_path / "2.png", "0.png"], GROUPS)
        frame = cgid.extract_features(pd.DataFrame({"filepath": ["2.png", "0.png"]}), GROUPS)
    pd.testing.assert_frame_equal(found, frame)
    assert "label" not in found and "target_label" not in found and list(found["filename"]) == ["2.png", "0.png"]
    numbers = [c for c in written if c.startswith(("container_", "noise_"))]
    pd.testing.assert_frame_equal(found[numbers], written.loc[[2, 0], numbers].reset_index(drop=True), check_exact=True)


@pytest.mark.parametrize(
    ("images", "options", "words"),
    [
        ([], {}, "No images"),
        ([3], {}, "not int"),
        (["missing.png"], {}, "No image of"),
        ("missing.csv", {}, "no such manifest"),
        (pd.DataFrame({"file": ["a"]}), {}, "no column `filepath`"),
        (["a.png"], {"groups": ["magic"]}, "magic"),
        (["a.png"], {"workers": 0}, "at least 1 process"),
    ],
)
def test_bad_input_is_one_sentence(images, options, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(cgid.InputError, match=words):
        cgid.extract_features(images, **{"groups": GROUPS} | options)
