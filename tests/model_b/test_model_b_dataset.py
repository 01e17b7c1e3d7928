"""Drawing a Model B data set: balanced, the same by seed, groups whole, and nothing left out without a word."""

import json
import sys
from types import SimpleNamespace

import pandas as pd
import pytest

from cgid.data.manifest import read_manifest
from cgid.errors import InputError
from cgid.features.table import read_features, write_features
from cgid.model_b import dataset
from cgid.model_b.params import BuildModelBDatasetParams
from cgid.progress import silent


@pytest.fixture(autouse=True)
def extraction(tmp_path, monkeypatch):
    """Extraction as its contract has it: a row per readable image, here without measuring any."""
    monkeypatch.setenv("CGID_HOME", str(tmp_path))

    def extract(params, report):
        frame = read_manifest(params.manifest)
        frame = frame[~frame["filepath"].str.contains("broken")]
        table = frame[["label", "source", "generator", "split"]].copy()
        table.insert(0, "record_id", [p[-64:].rjust(64, "0") for p in frame["path"]])
        table.insert(1, "filepath", frame["path"])
        table.insert(2, "filename", [p.split("/")[-1] for p in frame["path"]])
        table["noise_variance"] = range(len(table))
        write_features(table, params.output)
        return {}

    monkeypatch.setitem(sys.modules, "cgid.extraction.extract", SimpleNamespace(extract=extract))


def images(tmp_path, name="m.csv", count=30, real="jpg", ai="jpg", groups=3):
    """A manifest of `count` images a class; image i of either class belongs to source photograph i // groups."""
    rows = []
    for label, extensions in (("real", real), ("ai", ai)):
        for i in range(count):
            extension = extensions.split(",")[i % len(extensions.split(","))]
            path = tmp_path / "img" / f"{label}_{i}.{extension}"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"x")
            split = ("train", "train", "val", "test")[(i // groups) % 4]
            rows.append((f"img/{path.name}", label, "s", "", split, f"g{i // groups}"))
    frame = pd.DataFrame(rows, columns=["filepath", "label", "source", "generator", "split", "group"])
    frame.to_csv(tmp_path / name, index=False)
    return tmp_path / name


def build(tmp_path, *manifests, **flags):
    out = tmp_path / "out"
    result = dataset.build(BuildModelBDatasetParams(manifests, out, **{"per_class": 8} | flags), silent)
    return (
        result,
        json.loads((out / "build_summary.json").read_text()),
        read_features(out / "model_b_features_labeled.csv"),
    )


def test_each_class_gives_as_many_images_and_the_files_of_the_contract_are_written(tmp_path):
    _, summary, table = build(tmp_path, images(tmp_path))
    assert table["target_label"].value_counts().to_dict() == {0: 8, 1: 8}
    assert summary["drawn"] == {"real": 8, "ai": 8} and summary["drawn_by_split"]["test"] == {"real": 2, "ai": 2}
    mapped = pd.read_csv(tmp_path / "out" / "model_b_label_map.csv", keep_default_na=False)
    assert list(mapped) == ["record_id", "filename", "inferred_label", "final_label", "label_source", "notes"]
    assert (mapped["final_label"] == mapped["inferred_label"]).all() and set(mapped["label_source"]) == {
        "manifest m.csv"
    }


def test_the_same_seed_draws_the_same_images_and_another_seed_others(tmp_path):
    path = images(tmp_path)
    drawn = [set(build(tmp_path, path, seed=seed)[2]["filename"]) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_groups_are_taken_whole_and_both_classes_draw_the_same_ones(tmp_path):
    rows = dataset.read_manifests((images(tmp_path, count=48, groups=4),))
    drawn = dataset.sample(rows, 24, seed=3)
    sizes = drawn.groupby(["label", "split", "group"]).size()
    assert (sizes.groupby(["label", "split"]).apply(lambda s: (s < 4).sum()) <= 1).all()
    groups = drawn.groupby("label")["group"].agg(set)
    assert groups["real"] == groups["ai"]


def test_extensions_of_one_class_only_are_left_out_on_request(tmp_path):
    path = images(tmp_path, real="jpg,webp", ai="jpg,png")
    _, summary, table = build(tmp_path, path, require_extension_overlap=True)
    assert {name.split(".")[1] for name in table["filename"]} == {"jpg"}
    assert summary["left_out"] == {"its file extension belongs to one class only": 30}


def test_jpeg_and_jpg_are_one_extension(tmp_path):
    build(tmp_path, images(tmp_path, real="jpg", ai="JPEG"), require_extension_overlap=True)


def test_classes_without_a_shared_extension_are_refused(tmp_path):
    with pytest.raises(InputError, match="Real images are jpg, AI images png"):
        build(tmp_path, images(tmp_path, ai="png"), require_extension_overlap=True)


def test_too_few_extensions_are_refused(tmp_path):
    with pytest.raises(InputError, match="asks for 2"):
        build(tmp_path, images(tmp_path), min_unique_extensions_per_class=2)


def test_fewer_images_than_asked_for_are_all_taken_and_said(tmp_path):
    result, summary, table = build(tmp_path, images(tmp_path, count=5), per_class=100)
    assert len(table) == 10 and len(summary["notes"]) == 2 and "Only 5 ai images" in result["summary"]


def test_missing_repeated_contradictory_and_broken_images_are_counted(tmp_path):
    first, second = images(tmp_path, "one.csv", count=8), tmp_path / "two.csv"
    (tmp_path / "img" / "real_0.jpg").unlink()
    (tmp_path / "img" / "broken.jpg").write_bytes(b"")
    second.write_text("filepath,label\nimg/real_1.jpg,real\nimg/real_2.jpg,ai\nimg/broken.jpg,ai\n")
    _, summary, table = build(tmp_path, first, second, per_class=50)
    assert summary["left_out"] == {
        "the same image is labelled real and ai": 2,
        "the same image is listed more than once": 1,
        "the file is not there": 1,
    }
    assert any("1 drawn images could not be measured" in note for note in summary["notes"])
    assert table["target_label"].value_counts().to_dict() == {0: 6, 1: 8}


def test_manifests_without_one_class_are_refused(tmp_path):
    path = tmp_path / "m.csv"
    (tmp_path / "a.jpg").write_bytes(b"x")
    path.write_text("filepath,label\na.jpg,ai\n")
    with pytest.raises(InputError, match="no usable real image"):
        build(tmp_path, path)
