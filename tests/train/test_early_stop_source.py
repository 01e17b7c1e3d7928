"""A held-out source chooses the epoch: its images are never learnt from, and nothing else changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cgid.models.architecture as registry
from cgid.data.manifest import read_manifest, write_manifest
from cgid.errors import InputError
from cgid.files import read_json
from cgid.progress import silent
from cgid.runs.model_card import text
from cgid.train import export_onnx, loop, record
from cgid.train.early_stop_source import select_epoch_rows
from cgid.train.model_a import train
from tiny_images import make_images
from tiny_network import TINY, recipe


class Killed(BaseException):
    """Stands for the process going away."""


@pytest.fixture(autouse=True)
def tiny_architecture(monkeypatch):
    monkeypatch.setattr(registry, "all_architectures", lambda: {"tiny": TINY})
    monkeypatch.setattr(export_onnx, "EXPORTERS", {"torchscript": export_onnx.EXPORTERS["torchscript"]})
    monkeypatch.setenv("CGID_WORKERS", "2")


@pytest.fixture(scope="module")
def sources(tmp_path_factory) -> dict[str, Path]:
    """Sources `large` and `small` in train and val, four images a group, `test` of `large` alone."""
    folder, made = tmp_path_factory.mktemp("sources"), {}
    for seed, (name, large, small) in enumerate((("train", 32, 12), ("val", 32, 8), ("test", 16, 0))):
        parts = [make_images(folder / f"{name}-large", large, seed, source="large")]
        parts += [make_images(folder / f"{name}-small", small, 10 + seed, source="small")] if small else []
        made[name] = folder / f"{name}.csv"
        write_manifest(pd.concat(parts), made[name])
    return made


@pytest.fixture(scope="module")
def held_out(sources, tmp_path_factory):
    """A finished training with `small` held out, and the rows every part of it learnt from."""
    learnt: list[set[str]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "all_architectures", lambda: {"tiny": TINY})
        patch.setattr(export_onnx, "EXPORTERS", {"torchscript": export_onnx.EXPORTERS["torchscript"]})
        begin = loop.Training.__post_init__

        def noted(training: loop.Training) -> None:
            learnt.append({training.images.paths[row] for row in training.rows})
            begin(training)

        patch.setattr(loop.Training, "__post_init__", noted)
        output = tmp_path_factory.mktemp("held") / "run"
        train(recipe(sources, output, cross_fit=2, early_stop_source="small"), silent)
    return output, learnt


def test_no_part_of_the_training_learns_from_the_held_out_source(held_out, sources):
    _, learnt = held_out
    frame = read_manifest(sources["train"])
    large = set(frame.loc[frame["source"] == "large", "path"])
    assert len(learnt) == 3 and learnt[0] == large
    assert learnt[1] | learnt[2] == large and not learnt[1] & learnt[2]


def test_the_epoch_is_the_best_on_exactly_the_held_out_images(held_out, sources):
    run, _ = held_out
    manifest = read_json(run / "run_manifest.json")
    best = manifest["history"][manifest["best_epoch"] - 1]
    oof, val = (pd.read_parquet(run / f"predictions_{split}.parquet") for split in ("oof", "val"))
    chosen_on = pd.concat([part[part["source"] == "small"] for part in (oof, val)])
    assert len(chosen_on) == 12 + 8
    figures = record.val_metrics(chosen_on["label"].to_numpy(), chosen_on["logit"].to_numpy())
    assert best["val_loss"] == pytest.approx(figures["val_loss"], rel=1e-6)
    assert best["val_auc"] == pytest.approx(figures["val_auc"])


def test_calibration_uses_none_of_it_and_else_its_usual_rows(held_out, sources, tmp_path):
    run, _ = held_out
    val = pd.read_parquet(run / "predictions_val.parquet")
    train(recipe(sources, tmp_path / "usual", epochs=1), silent)
    usual = pd.read_parquet(tmp_path / "usual" / "predictions_val.parquet")
    assert not (val["calibration"] & (val["source"] == "small")).any()
    assert (usual["calibration"] & (usual["source"] == "small")).any()
    np.testing.assert_array_equal(val["calibration"], usual["calibration"] & (usual["source"] != "small"))
    assert read_json(run / "thresholds.json")["calibrated_on"]["n"] == val["calibration"].sum()


def test_held_out_rows_have_an_out_of_fold_row_of_the_network_that_never_saw_them(held_out, sources):
    run, _ = held_out
    oof, own = (pd.read_parquet(run / f"predictions_{split}.parquet") for split in ("oof", "train"))
    assert sorted(oof["filepath"]) == sorted(read_manifest(sources["train"])["path"])
    assert set(oof.loc[oof["source"] == "small", "fold"]) == {-1}
    assert set(oof.loc[oof["source"] == "large", "fold"]) == {0, 1}
    assert set(own["source"]) == {"large"}, "what was learnt from"


def test_manifest_history_and_card_say_it(held_out):
    run, _ = held_out
    said = "the epoch was chosen on 10 real and 10 AI images of small, which the network was never trained on"
    manifest = read_json(run / "run_manifest.json")
    assert manifest["early_stop_source"]["words"] == said
    assert manifest["early_stop_source"]["sources"] == ["small"]
    assert read_json(run / "history.json")["early_stop_source"]["words"] == said
    assert "chosen on 10 real and 10 AI images of small" in text(run, manifest)


def test_interrupted_and_resumed_ends_the_same(held_out, sources, tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "SAVE_SECONDS", 0)
    steps = []

    def report(done, total, note=""):
        if "images/s" in note:
            steps.append(done)
            if len(steps) == 6:
                raise Killed

    params = recipe(sources, tmp_path / "run", cross_fit=2, early_stop_source="small")
    with pytest.raises(Killed):
        train(params, report)
    train(params, silent)
    for split in ("oof", "test", "val"):
        ours, theirs = (
            pd.read_parquet(run / f"predictions_{split}.parquet") for run in (tmp_path / "run", held_out[0])
        )
        np.testing.assert_array_equal(ours["logit"], theirs["logit"])


def test_a_folder_from_before_the_setting_is_still_the_same_training(sources, tmp_path):
    train(recipe(sources, tmp_path / "run", epochs=1), silent)
    config = (tmp_path / "run" / "config.json").read_text()
    assert "early_stop_source" not in read_json(tmp_path / "run" / "run_manifest.json")
    (tmp_path / "run" / "config.json").write_text(config.replace('"early_stop_source": "",', ""))
    train(recipe(sources, tmp_path / "run", epochs=1), silent)
    with pytest.raises(InputError, match="early_stop_source was , now small"):
        train(recipe(sources, tmp_path / "run", epochs=1, early_stop_source="small"), silent)


def table(*rows: tuple[str, str, int]) -> pd.DataFrame:
    """(source, group, target) of each row."""
    frame = pd.DataFrame(rows, columns=["source", "group", "target"])
    return frame.assign(label=frame["target"].map({0: "real", 1: "ai"}), filepath=[f"{i}.png" for i in frame.index])


def many(source: str, real: int, ai: int) -> list[tuple[str, str, int]]:
    return [(source, f"{source}-{i}", int(i >= real)) for i in range(real + ai)]


def chosen(asked: str, train: list, val: list):
    frames = {"train": table(*train), "val": table(*val)}
    rows = {k: np.arange(len(f)) for k, f in frames.items()}
    return select_epoch_rows(asked, frames, rows, {k: [f"{k}{i}" for i in rows[k]] for k in frames})


VAL = many("val", 8, 8)


@pytest.mark.parametrize(
    ("train", "names"),
    [
        (many("a", 9, 9) + many("b", 3, 4) + many("c", 4, 4), ("b",)),
        (many("a", 9, 0) + many("b", 2, 0) + many("c", 0, 5) + many("d", 0, 3), ("b", "d")),
        (many("a", 9, 9) + many("b", 1, 0) + many("c", 0, 1), ("val",)),
        (many("a", 9, 9) + many("tie", 2, 2) + many("sit", 2, 2), ("sit",)),
    ],
    ids=["smallest with both", "pair", "all rows of both manifests count", "tie by name"],
)
def test_auto_takes_the_smallest(train, names):
    # `val` is a source of its own: the smallest with both classes only where its calibration can spare it.
    val = VAL if names != ("val",) else many("val", 1, 1) + [("", f"x{i}", i % 2) for i in range(12)]
    if names == ("b", "d"):
        val = many("e", 12, 0) + many("f", 0, 12)
    assert chosen("auto", train, val).sources == names


def test_what_belongs_to_the_held_out_rows_is_not_learnt_from_and_chooses_nothing():
    kin = [("a", "b-0", 0), ("a", "b-1", 0)]
    found = chosen("b", many("a", 4, 4) + kin + many("b", 2, 2), VAL + [("val", "b-2", 1)] * 3)
    assert found.fit_rows.tolist() == list(range(8)) and found.excluded_rows.tolist() == [8, 9, 10, 11, 12, 13]
    assert found.train_rows.tolist() == [10, 11, 12, 13] and not len(found.val_rows)
    assert not found.calibration[len(VAL) :].any()


def test_auto_or_none_is_auto_where_it_can_be_else_as_usual_and_says_why():
    rich = many("a", 9, 9) + many("b", 3, 4)
    assert chosen("auto-or-none", rich, VAL).sources == chosen("auto", rich, VAL).sources == ("b",)
    poor, usual = chosen("auto-or-none", many("a", 4, 4), many("a", 8, 8)), chosen("", many("a", 4, 4), many("a", 8, 8))
    assert (
        poor.sources == ()
        and poor.fit_rows.tolist() == usual.fit_rows.tolist()
        and poor.val_rows.tolist() == usual.val_rows.tolist()
    )
    assert "since no source could be held out (train and val have one source only, a)" in poor.description()
    assert poor.record()["early_stop_source"]["words"] == poor.description()


def test_by_default_the_choosing_half_of_val_chooses():
    found = chosen("", many("a", 4, 4), VAL)
    assert found.sources == () and not len(found.train_rows) and len(found.excluded_rows) == 0 and found.record() == {}
    np.testing.assert_array_equal(found.val_rows, np.flatnonzero(~found.calibration))


@pytest.mark.parametrize(
    ("asked", "train", "val", "words"),
    [
        ("nowhere", many("a", 4, 4), VAL, r"no image of train or val has the source `nowhere`; there are a, val"),
        ("b", many("a", 4, 4) + many("b", 3, 0), VAL, r"are all `real`; .*name a source of the other class too"),
        ("a", many("a", 4, 4) + many("b", 3, 0), VAL, r"only `real` images would be left to train on"),
        ("a", many("a", 4, 4), VAL, r"no image would be left to train on"),
        ("val", many("a", 4, 4), VAL, r"no image would be left in val to calibrate with"),
        ("auto", many("a", 4, 4), many("a", 4, 4), r"auto: no source can be held out \(.* one source only, a\)"),
        ("auto", many("", 4, 4), many("", 4, 4), r"auto: no source can be held out \(train and val name no source\)"),
        ("auto", many("a", 4, 0) + many("", 0, 4), many("c", 4, 0) + many("", 0, 4), r"no source, and no pair of sources"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_one_sentence(asked, train, val, words):
    with pytest.raises(InputError, match=words) as problem:
        chosen(asked, train, val)
    assert "\n" not in str(problem.value) and str(problem.value).count(". ") == 0
