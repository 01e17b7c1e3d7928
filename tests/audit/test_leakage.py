"""Planted leaks are all found, chance is not called a leak, and the report has the contract's columns."""

import json

import numpy as np
import pandas as pd
import pytest

from cgid.audit.leakage import auc_intervals, audit
from cgid.audit.single_feature import measure
from cgid.files import plain

CONTRACT = """feature, family, real_mean, ai_mean, real_std, ai_std, overall_unique_values, real_unique_values,
ai_unique_values, shared_unique_values, mean_gap_abs, missing_share, auc, auc_low, auc_high,
single_feature_best_accuracy, single_feature_best_f1_ai, single_feature_rule, single_feature_threshold,
looks_perfectly_separable, looks_near_perfect, zero_variance, severity, finding"""
FAMILIES = {"container": "container", "jpeg": "container", "ela": "content", "noise": "content", "ml": "model"}


def honest(n: int = 300, features: int = 6, seed: int = 0) -> pd.DataFrame:
    """A table without leaks: both classes through one pipeline, two images per photograph."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "record_id": [f"{i:064x}" for i in range(n)],
            "filename": [f"{i}.jpg" for i in range(n)],
            "target_label": np.arange(n) // 2 % 2,
            "group": [f"photo-{i // 2}" for i in range(n)],
            "split": np.where(np.arange(n) // 2 % 5 == 0, "test", "train"),
            "source": "camera",
            "container_width": 256.0,
            "container_height": 256.0,
            "container_bytes": random.integers(9000, 30000, n).astype(float),
            "jpeg_quality_estimate": random.integers(75, 96, n).astype(float),
        }
    )
    for i in range(features):
        frame[f"noise_{i}"] = np.repeat(random.normal(size=n // 2), 2) + random.normal(size=n)
    return frame


def look(frame: pd.DataFrame, bootstrap: int = 100, **kwargs):
    columns = [c for c in frame if c.startswith(tuple(f"{p}_" for p in FAMILIES))]
    return audit(frame, columns, {c: FAMILIES[c.split("_")[0]] for c in columns}, bootstrap, **kwargs)


def result(found, code: str) -> str:
    return next(c["result"] for c in found.summary["dataset_checks"] if c["code"] == code)


def row(found, feature: str) -> pd.Series:
    return found.report.set_index("feature").loc[feature]


def test_report_has_the_contracts_columns_and_summary_is_json():
    found = look(honest())
    assert list(found.report.columns)[:24] == [c.strip() for c in CONTRACT.replace("\n", " ").split(",")]
    keys = """total_rows class_counts extension_counts perfect_separator_count near_perfect_count zero_variance_count
    families dataset_checks"""
    assert set(keys.split()) <= set(found.summary)
    json.dumps(plain(found.summary))
    assert found.summary["extension_counts"] == {"jpg": {"real": 150, "ai": 150}}


def test_an_honest_table_has_no_issue():
    found = look(honest())
    assert (found.report["severity"] != "issue").all()
    assert [f for f in found.findings if f["severity"] == "issue"] == []
    assert found.summary["perfect_separator_count"] == 0


def test_shuffled_labels_flag_at_most_one_feature_in_twenty():
    flagged = []
    for seed in range(4):
        frame = honest(features=40, seed=seed)
        order = np.random.default_rng(seed).permutation(150)
        frame["target_label"] = frame["target_label"].to_numpy().reshape(-1, 2)[order].ravel()
        frame["noise_gaps"] = np.where(np.random.default_rng(seed).random(300) < 0.2, np.nan, 1.0)
        flagged.append((look(frame, bootstrap=0).report["severity"] != "none").mean())
    assert np.mean(flagged) <= 0.05


def test_format_is_named_as_a_perfect_separator():
    frame = honest()
    frame["container_is_png"] = frame["target_label"].astype(float)
    frame["filename"] = [f"{i}.{'png' if y else 'jpg'}" for i, y in enumerate(frame["target_label"])]
    found = look(frame)
    leak = row(found, "container_is_png")
    assert leak["looks_perfectly_separable"] and leak["severity"] == "issue"
    assert (leak["single_feature_rule"], leak["single_feature_threshold"]) == ("value >= 0.5", 0.5)
    assert "container_is_png" in found.summary["perfect_separators"]
    for code in ("perfect_separator", "extension_by_class", "family_probe"):
        assert result(found, code) == "issue"
    assert found.report["feature"].iloc[0] == "container_is_png"
    assert "leaks" in found.summary["verdict"]


def test_missingness_alone_is_named():
    frame = honest()
    frame.loc[frame["target_label"] == 1, "jpeg_quality_estimate"] = np.nan
    found = look(frame)
    leak = row(found, "jpeg_quality_estimate")
    assert leak["looks_perfectly_separable"] and leak["severity"] == "issue"
    assert leak["single_feature_rule"] == "value missing"
    assert (leak["missing_share_real"], leak["missing_share_ai"], leak["missing_auc"]) == (0, 1, 1)
    assert result(found, "missingness_leak") == "issue"


@pytest.mark.parametrize(
    ("column", "real", "ai", "code"),
    [
        ("container_width", (300, 600), (256, 257), "size_by_class"),
        ("container_bytes", (40_000, 60_000), (9_000, 30_000), "size_by_class"),
        ("jpeg_quality_estimate", (75, 90), (94, 97), "jpeg_quality_by_class"),
    ],
)
def test_size_and_quality_are_named(column, real, ai, code):
    frame, random = honest(), np.random.default_rng(5)
    sides = [random.integers(*side, len(frame)) for side in (real, ai)]
    frame[column] = np.where(frame["target_label"] == 1, sides[1], sides[0]).astype(float)
    found = look(frame)
    assert result(found, code) == "issue"
    assert row(found, column)["severity"] == "issue"


def test_a_leak_in_the_middle_of_the_range_is_named():
    frame, random = honest(600), np.random.default_rng(5)
    outside = random.choice([-1, 1], 600) * random.uniform(1.2, 3, 600)
    frame["ela_two_sided"] = np.where(frame["target_label"] == 1, random.uniform(-1, 1, 600), outside)
    found = look(frame)
    assert row(found, "ela_two_sided")["auc"] < 0.65
    assert row(found, "ela_two_sided")["severity"] in ("warning", "issue")


def test_a_good_content_feature_is_no_leak_but_a_good_format_feature_is_suspicious():
    frame, random = honest(), np.random.default_rng(5)
    signal = frame["target_label"] * 1.5 + random.normal(size=len(frame))
    frame["ela_mean_error"], frame["container_entropy"] = signal, signal
    found = look(frame)
    assert row(found, "ela_mean_error")["significant"]
    assert row(found, "ela_mean_error")["severity"] == "none"
    assert row(found, "container_entropy")["severity"] == "warning"


def test_a_models_perfect_score_is_a_warning_not_a_leak_of_format():
    frame = honest()
    frame["ml_probability"] = frame["target_label"] * 0.8 + 0.1
    found = look(frame)
    assert row(found, "ml_probability")["severity"] == "warning"
    assert result(found, "perfect_separator") == "warning"


def test_few_images_prove_nothing():
    frame = honest(12)
    frame["container_luck"] = [0.0] * 2 + [1.0] * 2 + [0.0] * 2 + [1.0] * 2 + [0.0] * 2 + [1.0] * 2
    found = look(frame.iloc[:8])
    assert row(found, "container_luck")["looks_perfectly_separable"]
    assert row(found, "container_luck")["severity"] == "none"


def test_a_rare_class_makes_nothing_near_perfect():
    frame = honest(400)
    frame["target_label"] = (np.arange(400) < 12).astype(int)
    found = look(frame)
    assert found.report["single_feature_best_accuracy"].min() >= 0.95
    assert found.summary["near_perfect_count"] == 0
    assert result(found, "class_balance") == "warning"


def test_torn_groups_duplicates_and_conflicts_are_named():
    frame = honest()
    frame["split"] = np.where(np.arange(300) % 2, "train", "test")
    assert result(look(frame), "group_across_splits") == "issue"
    frame = honest()
    frame.loc[298, "record_id"] = frame.loc[1, "record_id"]
    frame.loc[[1, 298], "split"] = ["train", "test"]
    assert result(look(frame), "exact_duplicates") == "issue"


def test_constant_format_is_as_it_should_be_constant_pixels_are_not():
    frame = honest()
    frame["container_alpha"], frame["container_frames"] = 0.0, 1.0
    assert result(look(frame, bootstrap=0), "zero_variance") == "passed"
    for i in range(6):
        frame[f"noise_{i}"] = np.nan
    found = look(frame, bootstrap=0)
    assert result(found, "zero_variance") == "warning"
    assert found.summary["verdict"] == "No leak is proven, but check: features without variance."


def test_a_shifted_test_set_is_named():
    frame = honest()
    assert result(look(frame), "adversarial_validation") == "passed"
    frame.loc[frame["split"] == "test", "noise_0"] += 6
    assert result(look(frame), "adversarial_validation") == "warning"


@pytest.mark.parametrize("label", [0, 1])
def test_one_class_is_said_and_no_error(label):
    frame = honest(40)
    frame["target_label"] = label
    found = look(frame)
    assert result(found, "class_balance") == "issue"
    assert (found.report["severity"] == "none").all()


def test_a_bare_table_of_an_earlier_system_works():
    frame = pd.DataFrame({"target_label": [0, 1] * 20, "noise_variance": np.arange(40.0), "ela_max_error": np.nan})
    found = look(frame)
    assert result(found, "extension_by_class") == "not_applicable"
    assert row(found, "ela_max_error")["zero_variance"]


def test_linear_intervals_agree_with_a_full_bootstrap():
    random = np.random.default_rng(0)
    codes = np.repeat(np.arange(80), 3)
    label = codes % 2
    value = label * 0.8 + np.repeat(random.normal(size=80), 3) + random.normal(size=240)
    found = measure(value, label, codes, codes % 5)
    low, high = auc_intervals(np.array([found.metrics["auc_ai_higher"]]), [found.influence], label, codes)
    from cgid.evaluate.metrics import summary

    full = summary(label, value, groups=codes, draws=2000, seed=2)["auc"]
    assert (low[0], high[0]) == pytest.approx((full["low"], full["high"]), abs=0.015)


def test_progress_reaches_its_total():
    seen = []
    look(honest(60), bootstrap=0, progress=lambda *state: seen.append(state))
    assert seen[-1][0] == seen[-1][1]
    assert [s[0] for s in seen] == sorted(s[0] for s in seen)
