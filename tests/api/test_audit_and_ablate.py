"""`cgid.audit` and `cgid.ablate` give the numbers of the commands, from a frame alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cgid
from cgid.cli.main import main

N = 160


def made(seed: int = 5) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    ai = np.arange(N) % 2
    return pd.DataFrame(
        {
            "record_id": [f"{i:064x}" for i in range(N)],
            "filename": [f"{i}.{'png' if a else 'jpg'}" for i, a in enumerate(ai)],
            "label": np.where(ai, "ai", "real"),
            "split": np.where(np.arange(N) % 5 == 0, "test", "train"),
            "group": [f"g{i // 4}" for i in range(N)],
            "container_format_code": np.where(ai, 2.0, 1.0),
            "noise_variance": random.normal(ai, 1.5),
            "noise_gap": np.where(random.random(N) < 0.3, np.nan, random.normal(0, 1, N)),
            "spectrum_slope": random.normal(0, 1, N),
            "metadata_constant": 1.0,
        }
    )


def command(tmp_path: Path, frame: pd.DataFrame, verb: str, suffix: str, *flags: str) -> tuple[Path, pd.DataFrame]:
    """(the folder that the command wrote, the table as a person would read it)."""
    file, out = tmp_path / f"f.{suffix}", tmp_path / verb
    frame.to_csv(file, index=False) if suffix == "csv" else frame.to_parquet(file, index=False)
    assert main([verb, "--features-csv", str(file), "--output-dir", str(out), *flags]) == 0
    return out, pd.read_csv(file) if suffix == "csv" else pd.read_parquet(file)


def without_place(summary: dict) -> dict:
    return {k: v for k, v in summary.items() if k != "input"}


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_an_audit_has_the_numbers_of_the_command(tmp_path, suffix):
    out, table = command(tmp_path, made(), "audit-model-b-features", suffix, "--bootstrap", "40")
    before = table.copy()
    found = cgid.audit(table, bootstrap=40)
    pd.testing.assert_frame_equal(table, before)
    written = json.loads((out / "feature_leakage_summary.json").read_text())
    assert found.to_dict() == without_place(written)
    pd.testing.assert_frame_equal(
        found.frame(), pd.read_csv(out / "feature_leakage_report.csv", keep_default_na=True, na_values=[""])
        .astype(found.frame().dtypes.to_dict()), check_exact=False, rtol=1e-12,
    )  # fmt: skip
    assert found.verdict == written["verdict"] and found.findings == written["findings"]
    assert "container_format_code" in found.verdict and found.verdict.split("`")[0] in found._repr_html_()
    assert "layer" in found.plot().to_dict()


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_an_ablation_has_the_numbers_of_the_command(tmp_path, suffix):
    flags = ("--plan", "groups", "--folds", "3", "--repeats", "2", "--models", "linear,boosting")
    out, table = command(tmp_path, made(), "ablate", suffix, *flags)
    found = cgid.ablate(table, plan="groups", folds=3, repeats=2, models=("linear", "boosting"))
    assert found.to_dict() == without_place(json.loads((out / "ablation_summary.json").read_text()))
    written = pd.read_csv(out / "ablation_results.csv", keep_default_na=True)
    pd.testing.assert_frame_equal(found.frame().fillna({"excluded": ""}), written.fillna({"excluded": ""}), rtol=1e-12)
    scores = pd.read_parquet(out / "ablation_scores.parquet")
    np.testing.assert_array_equal(found.scores["score"], scores["score"])
    assert list(found.scores["record_id"]) == list(scores["record_id"])
    assert "layer" in found.plot("f1", "boosting").to_dict() and "all" in found._repr_html_()
    with pytest.raises(cgid.InputError, match="no metric `magic`"):
        found.plot("magic")


def test_arms_may_be_given_as_they_are():
    found = cgid.ablate(made(), plan={"no_noise": {"exclude_prefixes": ["noise_"]}}, folds=2, repeats=1)
    assert set(found.frame()["plan"]) == {"all", "no_noise"}
    with pytest.raises(cgid.InputError, match="The plan"):
        cgid.ablate(made(), plan={"no_noise": {"magic": ["noise_"]}})
    with pytest.raises(cgid.InputError, match="exclude_prefixes"):
        cgid.ablate(made(), plan={"no_noise": 7})


def test_target_and_groups_may_be_any_columns_and_are_no_features():
    plain = cgid.audit(made(), bootstrap=0)
    for target in (np.where(made()["label"] == "ai", 1, 0), made()["label"] == "ai", made()["label"].str.upper()):
        other = made().rename(columns={"group": "photo"}).assign(label="real", fake=target)
        for groups in ("photo", other["photo"]):
            found = cgid.audit(other, "fake", groups, bootstrap=0)
            pd.testing.assert_frame_equal(found.frame(), plain.frame())
    numbered = made().assign(photo=np.arange(N) // 4).drop(columns="group")
    assert "photo" not in set(cgid.audit(numbered, groups="photo", bootstrap=0).frame()["feature"])
    assert cgid.audit(numbered, groups="photo", bootstrap=0).summary["groups"] == N // 4


def test_nothing_is_read_or_written(own_home, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    cgid.audit(made(), bootstrap=0)
    cgid.ablate(made(), folds=2, repeats=1)
    assert not own_home.exists() and list(tmp_path.iterdir()) == []


def test_a_hostile_name_is_escaped():
    shown = cgid.audit(
        made().rename(columns={"noise_variance": "<img src=x onerror=alert(1)>"}), bootstrap=0
    )._repr_html_()
    assert "<img" not in shown and "&lt;img" in shown


@pytest.mark.parametrize("ask", [cgid.audit, cgid.ablate])
@pytest.mark.parametrize(
    ("frame", "options", "words"),
    [
        ([1], {}, "not list"),
        (made().head(0), {}, "no rows"),
        (made()[["label", "filename"]], {}, "no numeric feature column"),
        (made().drop(columns="label"), {}, "no column `target_label` or `label`"),
        (made(), {"target": "magic"}, "no column `magic`"),
        (made(), {"groups": "magic"}, "no column `magic`"),
        (made(), {"groups": [1, 2]}, r"shape \(2,\)"),
        (made().assign(label="cat"), {}, "label `cat` is not one of real, ai"),
        (pd.concat([made(), made()[["noise_gap"]]], axis=1), {}, "two columns `noise_gap`"),
    ],
)
def test_bad_input_is_one_sentence(ask, frame, options, words):
    with pytest.raises(cgid.InputError, match=words):
        ask(frame, **options)


def test_bad_numbers_are_one_sentence():
    with pytest.raises(cgid.InputError, match="bootstrap is -1"):
        cgid.audit(made(), bootstrap=-1)
    with pytest.raises(cgid.InputError, match="at least 2 folds"):
        cgid.ablate(made(), folds=1)
    with pytest.raises(cgid.InputError, match="`magic` is not one of"):
        cgid.ablate(made(), models=("magic",))
    with pytest.raises(cgid.InputError, match="no plan `magic`"):
        cgid.ablate(made(), plan="magic")
