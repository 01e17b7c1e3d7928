"""The ablation step: files of the contract, plans by name or file, and no fold done twice."""

import numpy as np
import pandas as pd
import pytest

from cgid.ablation import cross_validate
from cgid.ablation.params import AblateParams
from cgid.ablation.run import ablate
from cgid.errors import InputError
from cgid.files import read_json


@pytest.fixture
def table(tmp_path):
    random, n = np.random.default_rng(0), 160
    label = np.arange(n) // 2 % 2
    frame = pd.DataFrame(
        {
            "record_id": [f"{i:064x}" for i in range(n)],
            "label": np.where(label == 1, "ai", "real"),
            "source": "demo_leaky",
            "group": [f"photo-{i // 2}" for i in range(n)],
            "jpeg_quality_estimate": np.where(label == 1, np.nan, 85.0),
            "noise_variance": random.normal(size=n) + label,
            "ela_mean_error": random.normal(size=n),
        }
    )
    frame.to_parquet(tmp_path / "features.parquet")
    return tmp_path / "features.parquet"


def test_presets_on_common_folds(table, tmp_path):
    out = tmp_path / "out"
    result = ablate(AblateParams(table, out, folds=3, repeats=2))
    names = {"ablation_results.csv", "ablation_folds.csv", "ablation_scores.parquet", "ablation_summary.json"}
    assert {p.name for p in out.iterdir()} == names
    results = pd.read_csv(out / "ablation_results.csv")
    assert list(results["plan"].unique()) == ["all", "no_jpeg", "no_format"]
    auc = results[results["metric"] == "auc"].set_index("plan")["mean"]
    assert auc["all"] > 0.99 > 0.9 > auc["no_jpeg"]
    assert len(pd.read_csv(out / "ablation_folds.csv")) == 3 * 2 * 3
    scores = pd.read_parquet(out / "ablation_scores.parquet")
    assert len(scores) == 160 * 2 * 3 and scores["record_id"].nunique() == 160
    summary = read_json(out / "ablation_summary.json")
    assert summary["simulated"] and result["summary"].startswith("Simulated data.")
    assert summary["arms"]["no_jpeg"] == {"exclude_prefixes": ["jpeg_"]}


def test_a_stopped_run_goes_on_where_it_was(table, tmp_path, monkeypatch):
    class Stopped(Exception):
        pass

    def stop(done, total, note=""):
        if done == 4:
            raise Stopped

    params = AblateParams(table, tmp_path / "out", folds=3, repeats=2, workers=1)
    with pytest.raises(Stopped):
        ablate(params, stop)
    fitted = []
    original = cross_validate.fit_configuration
    monkeypatch.setattr(cross_validate, "fit_configuration", lambda *a: fitted.append(a[0]) or original(*a))
    ablate(params)
    assert len(fitted) == 2 * 2  # two folds were left; of three configurations two select the same features
    straight = tmp_path / "straight"
    ablate(AblateParams(table, straight, folds=3, repeats=2))
    for name in ("ablation_results.csv", "ablation_folds.csv"):
        assert (straight / name).read_text() == (tmp_path / "out" / name).read_text()


def test_parts_of_other_work_are_not_taken_over(table, tmp_path):
    def stop(done, total, note=""):
        if done == 2:
            raise KeyboardInterrupt

    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        ablate(AblateParams(table, out, folds=3, repeats=1, seed=1), stop)
    ablate(AblateParams(table, out, folds=3, repeats=1, seed=2))
    clean = tmp_path / "clean"
    ablate(AblateParams(table, clean, folds=3, repeats=1, seed=2))
    assert (clean / "ablation_results.csv").read_text() == (out / "ablation_results.csv").read_text()


def test_groups_and_a_plan_file(table, tmp_path):
    ablate(AblateParams(table, tmp_path / "groups", plan="groups", folds=2, repeats=1))
    made = set(pd.read_csv(tmp_path / "groups" / "ablation_results.csv")["plan"])
    assert {"all", "without_family_container", "only_family_content", "only_group_ela"} <= made
    plan = tmp_path / "plan.yaml"
    plan.write_text("pixels:\n  only_prefixes: [noise_, ela_, spectrum_]\n")
    ablate(AblateParams(table, tmp_path / "file", plan=str(plan), folds=2, repeats=1))
    assert set(pd.read_csv(tmp_path / "file" / "ablation_results.csv")["plan"]) == {"all", "pixels"}
    assert read_json(tmp_path / "file" / "ablation_summary.json")["notes"] == [
        "Configuration `pixels`: no feature of this table begins with `spectrum_`."
    ]


def test_everything_is_the_presets_and_every_family_and_group(table, tmp_path):
    ablate(AblateParams(table, tmp_path / "out", plan="everything", folds=2, repeats=1, workers=1))
    made = set(pd.read_csv(tmp_path / "out" / "ablation_results.csv")["plan"])
    assert {"all", "no_jpeg", "no_format", "without_family_content", "only_family_container", "only_group_ela"} <= made
    summary = read_json(tmp_path / "out" / "ablation_summary.json")
    assert summary["owners"]["family"]["ela_mean_error"] == "content"
    assert any("`no_format` as `no_jpeg`" in note for note in summary["notes"])


def test_bad_plans_are_one_clear_line(table, tmp_path):
    broken = tmp_path / "broken.yaml"
    broken.write_text("a: [")
    for plan, words in (("no_such", "presets, groups, everything or a YAML file"), (str(broken), "line 1: not YAML")):
        with pytest.raises(InputError, match=words):
            ablate(AblateParams(table, tmp_path / "out", plan=plan))
    with pytest.raises(InputError, match="at least 2 folds"):
        ablate(AblateParams(table, tmp_path / "out", folds=1))
