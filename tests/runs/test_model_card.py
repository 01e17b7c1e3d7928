"""The model card: true figures, false accusations first, foreign names as text, and silence where nothing is known."""

from __future__ import annotations

from pathlib import Path

from cgid.cli.main import main
from cgid.escape import escaped
from cgid.files import write_json
from cgid.runs.model_card import card, write

HOSTILE = "![x](http://127.0.0.1/a.png) <script>|$x$\n# loud `c`"


def block(n: int, accused: float, auc: float) -> dict:
    def share(value: float) -> dict:
        return {"value": value, "low": value / 2, "high": min(1.0, value * 1.1)}

    figures = {
        "auc": auc,
        "balanced_accuracy": 0.8,
        "false_positive_rate": accused,
        "false_negative_rate": 0.3,
        "ece": 0.05,
    }
    return {"n": n, "n_real": n // 2, "n_ai": n - n // 2, "groups": n} | {k: share(v) for k, v in figures.items()}


def manifest(**more) -> dict:
    return {
        "kind": "model_a",
        "run_id": "my_run",
        "created": "2026-01-01T00:00:00+00:00",
        "cgid_version": "0.1.0",
        "device": "cpu",
        "versions": {"torch": "2"},
        "config": {"arch": "resnet18", "epochs": 4, "output_dir": "/home/me/secret", "weights": "none"},
        "data": {"name": "faces"},
        "manifests": [{"role": "train", "path": "/home/me/secret/train.csv", "rows": 12, "sha256": "ab" * 32}],
        "history": [{}, {}, {}],
        "best_epoch": 2,
        "metrics": {"test": block(200, 0.25, 0.9), "external": [block(80, 0.5, 0.6) | {"name": "phones"}]},
        "weights": {"file": "model_a_best.pt", "sha256": "cd" * 32},
        "onnx": {"file": "model.onnx", "sha256": "ef" * 32},
    } | more


FROZEN = {
    "temperature": 1.5,
    "bias": 0.0,
    "calibrated_on": {"n": 50, "what": "half of val"},
    "thresholds": {"balanced": 0.4},
    "inconclusive": {"low": 0.2, "high": 0.8},
    "error_rates": {"likely_ai_wrong": {"value": 0.02, "low": 0.0, "high": 0.1}, "inconclusive_real": {"value": 0.3}},
}
EXPORTED = {"splits": {"test": {"by_generator": [
    {"name": "sd*xl", "n": 40, "accuracy": {"value": 0.5, "low": 0.35, "high": 0.65}},
    {"name": "(real)", "n": 100, "accuracy": {"value": 0.75, "low": 0.7, "high": 0.8}},
]}}}  # fmt: skip


def test_false_accusations_come_first_own_and_elsewhere_and_the_fall_is_told():
    page = card(manifest(), FROZEN, EXPORTED)
    limits = page.split("## Limitations")[1].split("##")[0]
    first, second = limits.split("- ")[1:3]
    assert "False accusations" in first and "25% [12% to 28%] of 100 real photos" in first
    assert "phones" in second and "50%" in second
    assert "AUC falls from 0.900 on its own test split to 0.600 on phones" in limits
    assert "Weakest in its own test split: sd\\*xl, 50%" in limits
    assert page.index("## Limitations") < page.index("## Metrics")


def test_in_domain_stands_beside_other_data_and_checksums_thresholds_and_licence_are_there():
    page = card(manifest(), FROZEN, {})
    assert "| own test images | 200 (100 / 100) | 200 | 0.900 [0.450, 0.990]" in page
    assert "| other data: phones | 80 (40 / 40)" in page
    for words in ("ab" * 32, "cd" * 32, "ef" * 32, "balanced 0.400", "0.200 up to 0.800", "divided by 1.500", "BSD-3"):
        assert words in page
    assert "epoch 2 of 3" in page and "train.csv, 12 rows" in page
    assert "secret" not in page, "where files lay on the maker's disk is nobody's business"


def test_names_from_files_stay_text():
    shown = escaped(HOSTILE)
    for mark in ("![", "](", "<script", "|", "$x", "`c"):
        assert mark not in shown.replace("\\" + mark[0], "").replace("\\" + mark[-1], "")
    assert "\n" not in shown
    others = {"data": {"name": HOSTILE}, "run_id": HOSTILE, "warnings": [HOSTILE], "versions": {HOSTILE: HOSTILE}}
    metrics = {"test": block(10, 0.1, 0.9), "external": [block(10, 0.1, 0.2) | {"name": HOSTILE}]}
    page = card(manifest(**others, metrics=metrics), FROZEN, EXPORTED)
    assert "![x]" not in page and "<script>" not in page and "\n# loud" not in page


def test_an_imported_or_old_run_that_records_little_gets_a_card_that_says_so():
    page = card({"kind": "model_a", "imported": True, "config": {"arch": "imported detector"}, "skipped": [{}]}, {}, {})
    for words in (
        "No metrics",
        "None are recorded",
        "licence not known",
        "No weights",
        "not measured",
        "external, imported detector",
        "Left out: 1 images",
    ):
        assert words in page, words
    assert "indication, not proof" in page


def test_the_verb_writes_it_into_an_old_run_and_refuses_what_is_none(tmp_path: Path, capsys):
    run = tmp_path / "old"
    run.mkdir()
    assert main(["model-card", "--run", str(run)]) == 2
    write_json(run / "run_manifest.json", manifest())
    write_json(run / "thresholds.json", FROZEN)
    assert main(["model-card", "--run", str(run)]) == 0
    assert (run / "model_card.md").read_text() == card(manifest(), FROZEN, {})
    assert len((run / "model_card.md").read_text().splitlines()) < 60, "one page"
    write(run, manifest(simulated=True))
    assert "imulated" in (run / "model_card.md").read_text()
