"""Leave one source out: what is judged was never learnt from, the figures are those of the predictions, nothing twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import cgid.models.architecture as registry
from cgid.cli.main import main
from cgid.data.manifest import read_manifest, write_manifest
from cgid.errors import InputError
from cgid.evaluate.metrics import summary
from cgid.files import read_json
from cgid.progress import silent
from cgid.train import export_onnx, model_a
from cgid.train.leave_one_source_out import leave_one_source_out
from cgid.train.params import LeaveOneSourceOutParams
from cgid.train.source_folds import combine_manifests
from cgid.train.source_summary import means, repeated_sources

FIGURES = ("auc", "balanced_accuracy", "false_positive_rate", "false_negative_rate")


def _build(imagenet: bool):
    from torch import nn

    return nn.Sequential(
        nn.Conv2d(3, 4, 5, stride=2), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 1)
    )


TINY = registry.Architecture(name="tiny", title="", paper="", licence="", build=_build, smallest=8)


@pytest.fixture(autouse=True)
def tiny_architecture(monkeypatch):
    monkeypatch.setattr(registry, "all_architectures", lambda: {"tiny": TINY})
    monkeypatch.setattr(export_onnx, "EXPORTERS", {"torchscript": export_onnx.EXPORTERS["torchscript"]})
    monkeypatch.setenv("CGID_WORKERS", "2")


def images(folder: Path, source: str, count: int, seed: int, labels: tuple[str, ...] = ("real", "ai")) -> list[dict]:
    """Rows of noise images, AI ones reddish; two of a class form a group."""
    random, rows = np.random.default_rng(seed), []
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        label = labels[i % len(labels)]
        pixels = random.integers(40, 200, (24, 24, 3))
        pixels[..., 0 if label == "ai" else 2] += int(np.clip(random.normal(8, 10), -30, 50))
        path = folder / f"{source}_{label}_{i}.png"
        Image.fromarray(pixels.astype(np.uint8)).save(path)
        group = f"{source}-{label}-{i // (2 * len(labels))}"
        rows.append({"path": str(path), "label": label, "source": source, "generator": "", "group": group})
    return rows


@pytest.fixture(scope="module")
def manifests(tmp_path_factory) -> list[Path]:
    """Two manifests: sources alpha and beta in one, gamma and a source without a name in the other.

    One beta image is the copy of an alpha one, one gamma image shares a group with alpha.
    """
    folder = tmp_path_factory.mktemp("sets")
    alpha, beta = images(folder / "a", "alpha", 36, 1), images(folder / "a", "beta", 36, 2)
    gamma, unnamed = images(folder / "b", "gamma", 36, 3), images(folder / "b", "delta", 36, 4)
    Path(beta[0]["path"]).write_bytes(Path(alpha[0]["path"]).read_bytes())
    gamma[0]["group"] = alpha[0]["group"]
    paths = [folder / "first.csv", folder / "second.csv"]
    write_manifest(pd.DataFrame(alpha + beta), paths[0])
    write_manifest(pd.DataFrame(gamma + [row | {"source": ""} for row in unnamed]), paths[1])
    return paths


def asked(manifests: list[Path], output: Path, **changes) -> LeaveOneSourceOutParams:
    values = {"manifest": tuple(manifests), "output_dir": output, "tiers": "clean,hard", "seeds": 2, "arch": "tiny"}
    values |= {"epochs": 1, "batch_size": 16, "image_size": 24, "lr": 1e-2, "device": "cpu"}
    return LeaveOneSourceOutParams(**(values | changes))


class Killed(BaseException):
    """Stands for the process going away."""


@pytest.fixture(scope="module")
def finished(manifests, tmp_path_factory):
    """(folder, result, seeds trained): killed within the second fold, then run again."""
    trained: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "all_architectures", lambda: {"tiny": TINY})
        patch.setattr(export_onnx, "EXPORTERS", {"torchscript": export_onnx.EXPORTERS["torchscript"]})
        patch.setenv("CGID_WORKERS", "2")
        step = model_a._Stages.complete

        def noted(stages):
            trained.append(f"{stages.run.folder.parent.name}/{stages.run.folder.name}")
            if len(trained) == 4:
                raise Killed
            return step(stages)

        patch.setattr(model_a._Stages, "complete", noted)
        output = tmp_path_factory.mktemp("found") / "study"
        with pytest.raises(Killed):
            leave_one_source_out(asked(manifests, output), silent)
        assert not (output / "leave_one_source_out.json").exists()
        result = leave_one_source_out(asked(manifests, output), silent)
        before = len(trained)
        leave_one_source_out(asked(manifests, output), silent)
        assert len(trained) == before, "a finished study trains nothing"
    return output, result, trained


def test_a_network_is_trained_once_however_often_it_was_killed(finished):
    _, _, trained = finished
    assert len(trained) == 4 * 2 + 1, "only the network that was cut short began again"
    assert sorted(set(trained)) == sorted(
        f"{name}/seed_{seed}" for name in ("alpha", "beta", "gamma", "second") for seed in (2026, 2027)
    )


def test_no_image_group_or_content_of_a_source_left_out_is_learnt_from(finished):
    folder, _, _ = finished
    for fold in sorted((folder / "folds").iterdir()):
        out = read_manifest(fold / "left_out.csv")
        assert set(out["source"]) == {fold.name}
        for part in ("train", "val", "test"):
            inside = read_manifest(fold / f"{part}.csv")
            assert set(inside["label"]) == {"real", "ai"}
            for column in ("path", "source", "group", "sha256"):
                assert not set(inside[column]) & set(out[column]), (fold.name, part, column)


def test_the_image_that_shares_a_group_is_dropped_not_moved(finished):
    folder, _, _ = finished
    learnt = pd.concat(read_manifest(folder / "folds" / "alpha" / f"{p}.csv") for p in ("train", "val", "test"))
    assert "gamma_real_0.png" not in {Path(p).name for p in learnt["path"]}
    rows = pd.DataFrame(read_json(folder / "leave_one_source_out.json")["rows"])
    dropped = rows.groupby("left_out")["dropped_kin"].first().to_dict()
    # alpha's first group: two images, one of gamma, and by the copy beta's other image of that group.
    assert dropped == {"alpha": 2, "beta": 3, "gamma": 3, "second": 0}


def test_figures_are_those_of_the_predictions(finished):
    folder, _, _ = finished
    judged = pd.read_parquet(folder / "predictions.parquet")
    rows = read_json(folder / "leave_one_source_out.json")["rows"]
    assert len(rows) == 4 * 2
    for row in rows:
        mine = judged[(judged["fold"] == row["fold"]) & (judged["tier"] == row["tier"])]
        for images_kind, block in (("left_out", row), ("in_domain", row["in_domain"])):
            table = mine[mine["images"] == images_kind]
            found = summary(table["label"], table["calibrated"], block["threshold"], table["group"])
            for name in FIGURES:
                assert block[name] == pytest.approx(found[name]), (row["fold"], name)
            assert block["n"] == len(table) and block["threshold"] == table["threshold"].iloc[0]
    assert {row["n"] for row in rows if row["fold"] == "beta"} == {35}, "the copy counts once"


def test_logits_of_the_seeds_are_averaged_and_the_mean_is_over_sources(finished):
    folder, result, _ = finished
    judged = pd.read_parquet(folder / "predictions.parquet")
    mine = judged[(judged["fold"] == "gamma") & (judged["tier"] == "hard") & (judged["images"] == "left_out")]
    parts = [
        pd.read_parquet(folder / f"folds/gamma/judged/seed_{s}/left_out/predictions_hard.parquet") for s in (2026, 2027)
    ]
    assert not np.allclose(parts[0]["logit"], parts[1]["logit"])
    np.testing.assert_allclose(mine["logit"], (parts[0]["logit"] + parts[1]["logit"]) / 2)
    from scipy import stats

    values = [
        r["auc"]["value"] for r in read_json(folder / "leave_one_source_out.json")["rows"] if r["tier"] == "clean"
    ]
    low, high = stats.t.interval(0.95, 3, np.mean(values), stats.sem(values))
    mean = result["means"][0]["auc"]
    assert (mean["value"], mean["n"]) == (pytest.approx(np.mean(values)), 4)
    assert (mean["low"], mean["high"]) == (pytest.approx(max(low, 0)), pytest.approx(min(high, 1)))


def test_files_for_people_hold_every_source_and_the_coin_toss(finished):
    folder, result, _ = finished
    table = pd.read_csv(folder / "leave_one_source_out.csv")
    assert table["left_out"].tolist() == [n for n in ("alpha", "gamma", "second", "beta") for _ in range(2)] + ["mean over sources"] * 2  # fmt: skip
    assert {"auc", "auc_low", "in_domain_auc", "n_real", "n_ai", "threshold"} <= set(table.columns)
    page = (folder / "leave_one_source_out.md").read_text()
    assert "| alpha | clean | 18 / 18 |" in page and "0.5 is a coin toss" in page
    assert "0.5 is a coin toss" in result["summary"] and "alpha" in result["table_text"]


def test_sources_that_all_agree_are_no_proof_of_certainty():
    block = {name: {"value": 1.0, "low": 0.9, "high": 1.0} for name in FIGURES}
    rows = [block | {"tier": "clean", "in_domain": block}] * 3
    mean = means(rows, ["clean"])[0]["auc"]
    assert (mean["value"], mean["low"], mean["high"]) == (1.0, None, None)


def test_another_study_in_the_folder_is_refused_and_named(finished, manifests):
    folder, _, _ = finished
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.csv")}
    with pytest.raises(InputError, match=r"holds another experiment \(lr, epochs differ\)|\(epochs, lr differ\)"):
        leave_one_source_out(asked(manifests, folder, epochs=2, lr=0.5), silent)
    with pytest.raises(InputError, match=r"holds another experiment \(manifests, images differ\)"):
        leave_one_source_out(asked(manifests[:1], folder), silent)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.csv")} == before


def test_a_setting_that_could_not_be_does_not_keep_the_folder(manifests, tmp_path):
    for arch in ("resnet1800", "resnet1801"):
        with pytest.raises(InputError, match=f"{arch}.*there are"):
            leave_one_source_out(asked(manifests, tmp_path / "out", arch=arch), silent)


def test_a_source_left_out_in_several_pairs_is_said():
    rows = [{"fold": f"{name}--x", "sources": [name, "x"]} for name in ("q", "r") for _ in ("clean", "hard")]
    assert repeated_sources(rows) == ["x was left out 2 times, each time together with another source; the mean counts it as often."]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"manifest": "first"}, r"All images are of one source, alpha; add manifests of other sources"),
        ({"tiers": "foggy"}, "No tier is called foggy"),
        ({"seeds": 0}, "--seeds must be at least 1"),
        ({"arch": "resnet1800"}, "there are .*tiny"),
    ],
)
def test_what_cannot_be_is_one_sentence(manifests, tmp_path, changes, words):
    if changes.get("manifest"):
        frame = read_manifest(manifests[0])
        write_manifest(frame[frame["source"] == "alpha"], tmp_path / "alone.csv")
        changes = {"manifest": (tmp_path / "alone.csv",)}
    with pytest.raises(InputError, match=words) as problem:
        leave_one_source_out(asked(manifests, tmp_path / "out", **changes), silent)
    assert "\n" not in str(problem.value)


def test_a_file_called_real_and_ai_is_refused(tmp_path):
    rows = images(tmp_path / "x", "x", 4, 1)
    write_manifest(pd.DataFrame(rows), tmp_path / "one.csv")
    write_manifest(pd.DataFrame([row | {"label": "ai"} for row in rows]), tmp_path / "two.csv")
    with pytest.raises(InputError, match=r"x_real_.*as real and as ai; correct one of them"):
        combine_manifests([tmp_path / "one.csv", tmp_path / "two.csv"])


def test_the_verb_says_what_is_missing_in_one_line(tmp_path, capsys):
    code = main(["leave-one-source-out", "--manifest", str(tmp_path / "no.csv"), "--output-dir", str(tmp_path / "o")])
    assert code == 2
    assert "no.csv is not there" in capsys.readouterr().err
