"""Arms keep what they say, share their folds, and differences are called real only where they are."""

import numpy as np
import pandas as pd
import pytest

from cgid.ablation import cross_validate, plans
from cgid.ablation.cross_validate import RESULT_COLUMNS, run
from cgid.ablation.results import agreement
from cgid.errors import InputError

COLUMNS = [
    "jpeg_quality",
    "metadata_exif",
    "container_png",
    "c2pa_present",
    "hashes_match",
    "rule_score",
    "noise_a",
    "ela_b",
]


def table(n: int = 240, seed: int = 0) -> pd.DataFrame:
    """The JPEG quality leaks; noise_a knows a little; the rest is chance."""
    random = np.random.default_rng(seed)
    label = np.arange(n) // 2 % 2
    frame = pd.DataFrame({c: random.normal(size=n) for c in COLUMNS})
    frame["jpeg_quality"] = np.where(label == 1, np.nan, 85.0)
    frame["noise_a"] += label
    return frame.assign(target_label=label, group=[f"g{i // 2}" for i in range(n)])


def result(found, plan: str, metric: str = "auc") -> pd.Series:
    return found.results.set_index(["plan", "metric"]).loc[(plan, metric)]


SMALL_KINDS = ("linear", "boosting")


def test_presets_keep_what_they_say():
    kept = {name: plans.selected_columns(arm, COLUMNS) for name, arm in plans.PRESETS.items()}
    assert kept["all"] == COLUMNS
    assert kept["no_jpeg"] == COLUMNS[1:]
    assert kept["no_format"] == ["noise_a", "ela_b"]


def test_group_plan_takes_each_family_and_group_out_and_alone():
    families = {"jpeg_q": "container", "container_w": "container", "ela_b": "content", "noise_a": "content"}
    groups = {"jpeg_q": "jpeg", "container_w": "container", "ela_b": "ela", "noise_a": "noise"}
    made = plans.group_plans(families, groups)
    assert plans.selected_columns(made["without_family_container"], list(families)) == ["ela_b", "noise_a"]
    assert plans.selected_columns(made["only_group_ela"], list(families)) == ["ela_b"]
    assert next(iter(made)) == "all"
    assert len(made) == 1 + 2 * 2 + 4 * 2


def test_what_the_leak_was_worth():
    found = run(table(), COLUMNS, plans.PRESETS, folds=4, repeats=2)
    assert list(found.results.columns) == list(RESULT_COLUMNS)
    assert result(found, "all")["mean"] == pytest.approx(1, abs=0.01)
    for plan in ("no_jpeg", "no_format"):
        row = result(found, plan)
        assert 0.6 < row["mean"] < 0.9
        assert row["diff_high"] < 0 and row["p_holm"] < 0.05
        assert row["p_holm"] >= row["p_corrected"]
    assert "jpeg_quality" in result(found, "no_jpeg")["excluded"]
    assert len(found.summary["sentences"]) == 3


def test_every_arm_sees_the_same_folds_and_no_group_is_torn():
    found = run(table(), COLUMNS, plans.PRESETS, folds=4, repeats=2)
    rows = (
        found.scores.groupby(["plan", "repeat", "fold"], observed=True)["row"]
        .apply(lambda r: tuple(sorted(r)))
        .unstack(0)
    )
    assert (rows["all"] == rows["no_jpeg"]).all() and (rows["all"] == rows["no_format"]).all()
    one = found.scores[(found.scores["plan"] == "all") & (found.scores["repeat"] == 0)]
    assert sorted(one["row"]) == list(range(240))
    assert one.assign(group=one["row"] // 2).groupby("group")["fold"].nunique().max() == 1


def test_dropping_noise_is_not_called_a_difference():
    arms = {"all": {}, "less": {"exclude_features": ["ela_b"]}}
    called = [
        result(run(table(160, seed), COLUMNS[1:], arms, folds=4, repeats=1), "less")["p_corrected"] < 0.05
        for seed in range(8)
    ]
    assert sum(called) <= 2


def test_every_kind_of_model_has_the_same_folds_and_its_own_all():
    found = run(table(120), COLUMNS, plans.PRESETS, folds=3, repeats=1, models=SMALL_KINDS)
    rows = found.scores.groupby(["plan", "model", "fold"], observed=True)["row"].apply(tuple).unstack("model")
    assert (rows["linear"] == rows["boosting"]).all()
    wide = found.folds.pivot(index=["model", "fold"], columns="plan", values="auc")
    gaps = (wide["no_jpeg"] - wide["all"]).groupby("model").mean()
    stated = found.results.set_index(["plan", "metric", "model"])["difference"]
    for kind in SMALL_KINDS:
        assert stated["no_jpeg", "auc", kind] == pytest.approx(gaps[kind])
        assert np.isnan(stated["all", "auc", kind])
    assert "Gradient boosting: `no_jpeg`" in found.summary["sentences"][-2]


def test_kinds_of_model_that_say_different_things_are_named():
    rows = [("all", "linear", np.nan, np.nan), ("all", "forest", np.nan, np.nan)]
    rows += [("a", "linear", -0.1, 0.01), ("a", "forest", -0.2, 0.03)]  # lost in both
    rows += [("b", "linear", -0.1, 0.01), ("b", "forest", -0.1, 0.2)]  # lost in one
    rows += [("c", "linear", -0.1, 0.01), ("c", "forest", 0.1, 0.01)]  # lost, gained
    rows += [("d", "linear", 0.1, 0.9), ("d", "forest", -0.1, 0.2)]  # chance in both
    frame = pd.DataFrame(rows, columns=["plan", "model", "difference", "p_holm"]).assign(metric="auc")
    assert agreement(frame, "auc") == (4, ["b", "c"])


def test_holm_counts_every_arm_measure_and_kind_of_model():
    found = run(table(120), COLUMNS, plans.PRESETS, folds=3, repeats=1, models=SMALL_KINDS)
    assert found.summary["comparisons"] == 2 * 3 * 2 == found.results["p_corrected"].notna().sum()
    assert "all 12 comparisons" in found.summary["correction"]
    least = found.results["p_corrected"].idxmin()
    assert found.results["p_holm"][least] == pytest.approx(min(1, 12 * found.results["p_corrected"][least]))


def test_other_kinds_of_model_leave_the_linear_figures_as_they_are():
    alone = run(table(80), COLUMNS, plans.PRESETS, folds=2, repeats=1).results
    beside = run(table(80), COLUMNS, plans.PRESETS, folds=2, repeats=1, models=("boosting", "linear")).results
    figures = ["plan", "metric", "mean", "low", "high", "difference", "p_corrected"]
    mine = beside[beside["model"] == "linear"].reset_index(drop=True)
    pd.testing.assert_frame_equal(mine[figures], alone[figures])


def test_arms_of_the_same_features_are_computed_once(monkeypatch):
    fitted = []
    original = cross_validate.fit_configuration
    monkeypatch.setattr(cross_validate, "fit_configuration", lambda *a: fitted.append(a[1].shape[1]) or original(*a))
    arms = plans.PRESETS | {"same_as_no_jpeg": {"exclude_features": ["jpeg_quality"]}}
    found = run(table(80), COLUMNS, arms, folds=2, repeats=1)
    assert len(fitted) == 2 * 3
    assert result(found, "same_as_no_jpeg")["mean"] == result(found, "no_jpeg")["mean"]
    assert "`same_as_no_jpeg` as `no_jpeg`" in found.summary["notes"][0]


def test_folds_may_be_done_in_any_order():
    def backwards(function, chunks):
        yield from reversed([(i, function(c)) for i, c in enumerate(chunks)])

    one = run(table(80), COLUMNS, plans.PRESETS, folds=3, repeats=2)
    other = run(table(80), COLUMNS, plans.PRESETS, folds=3, repeats=2, map_folds=backwards)
    for name in ("results", "folds", "scores"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)


def test_finished_folds_are_not_done_again():
    kept: dict = {}
    first = run(table(), COLUMNS, plans.PRESETS, 3, 2, save=kept.__setitem__)
    del kept[("linear", 1, 0)]
    done = []
    again = run(table(), COLUMNS, plans.PRESETS, 3, 2, finished=kept.get, save=lambda fold, _: done.append(fold))
    assert done == [("linear", 1, 0)]
    pd.testing.assert_frame_equal(first.results, again.results)


def test_fewer_groups_than_folds_is_noted():
    found = run(table(12), COLUMNS, {"all": {}}, folds=5, repeats=1)
    assert found.summary["folds"] == 3
    assert "Only 3 folds" in found.summary["notes"][0]


def test_too_few_groups_and_empty_arms_are_said():
    with pytest.raises(InputError, match="two independent groups"):
        run(table(4), COLUMNS, plans.PRESETS)
    found = run(table(40), COLUMNS, plans.PRESETS | {"none": {"only_prefixes": ["zz_"]}}, folds=2, repeats=1)
    assert "`none`" in found.summary["notes"][0]
    with pytest.raises(InputError, match="selects a feature"):
        run(table(40), COLUMNS, {"all": {"only_prefixes": ["zz_"]}, "other": {"only_prefixes": ["zz_"]}})
