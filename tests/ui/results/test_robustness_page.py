"""Results says what is left of a detector after the web: words, pictures, numbers, or the button that measures them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cgid.files import read_json, write_json
from cgid.jobs import store
from cgid.robustness import record
from cgid.robustness.points import all_conditions
from cgid.settings import settings
from page_driver import open_page, text

TITLE = "Robustness to web processing"


@pytest.fixture(autouse=True)
def no_worker(monkeypatch):
    monkeypatch.setattr("cgid.jobs.processes.ensure_supervisor", lambda: None)
    monkeypatch.setattr("cgid.jobs.submit.ensure_supervisor", lambda: None)


def run_with(robust: bool, kind: str = "model_a", **more):
    """A run whose real photos are accused the more, the stronger the damage; measured or not."""
    folder = settings().runs / kind / "made"
    folder.mkdir(parents=True)
    label = np.tile([0, 1], 40)
    table = pd.DataFrame({"filepath": "/nowhere.png", "sha256": [f"{i:064x}" for i in range(80)], "label": label})
    table = table.assign(group=[f"g{i // 2}" for i in range(80)], source="*s*", generator="")
    score = np.where(label == 1, 0.9, np.where(np.arange(80) % 20 == 0, 0.8, 0.1))
    table = table.assign(probability=score, calibrated=score)
    table.to_parquet(folder / "predictions_test.parquet")
    frozen = {"thresholds": {"balanced": 0.5}, "inconclusive": {"low": 0.3, "high": 0.7}}
    write_json(folder / "thresholds.json", frozen)
    manifest = {"kind": kind, "run_id": "made", "metrics": {}, "onnx": {"file": "model.onnx", "sha256": "ab"}} | more
    write_json(folder / "run_manifest.json", manifest)
    if robust:
        parts, curve = [], dict.fromkeys(["jpeg", "resize", "blur", "noise"], 0)
        for point in all_conditions():
            curve |= {point.degradation: curve.get(point.degradation, 0) + 3} if point.degradation else {}
            accused = (label == 0) & (np.arange(80) < 2 * curve.get(point.degradation, 0))
            parts.append(
                table.assign(
                    calibrated=np.where(accused, 0.8, score),
                    tier=point.tier,
                    degradation=point.degradation,
                    level=point.level,
                )
            )
        about = {"run_id": "made", "judged_by": "ab", "images": "all images of the run's own test", "seed": 1}
        record.write(folder, pd.concat(parts, ignore_index=True), [], manifest, frozen, about)
    return folder


def charts(app) -> int:
    return len(app.get("vega_lite_chart") or app.get("arrow_vega_lite_chart"))


def test_a_run_that_was_not_measured_offers_the_button_that_starts_the_job():
    folder = run_with(robust=False)
    app = open_page("results", view="Robustness")
    assert TITLE in [s.value for s in app.subheader] and "Not measured yet" in text(app)
    app.select_slider(key="robust-count-made").set_value(100)
    app.button(key="robust-start-made").click().run()
    assert not app.exception and not app.error
    [job] = store.list_jobs()
    assert job.kind == "robustness" and job.params["images"] == 100 and job.params["run"] == str(folder)


def test_a_measured_run_shows_the_verdict_a_picture_for_each_damage_and_the_table():
    folder = run_with(robust=True)
    app = open_page("results", view="Robustness")
    words = text(app)
    assert "JPEG recompression" in words and "first doubles at" in words
    assert "40 independent sources" in words
    before = charts(app)
    table = next(d.value for d in app.dataframe if "false positive rate" in d.value)
    points = read_json(folder / "robustness" / "robustness.json")["points"]
    assert table["images"].tolist() == [p["title"] for p in points]
    assert table["n"].tolist() == [80] * len(points)
    labels = [b.proto.label for b in app.get("download_button")]
    assert {"Robustness (CSV)", "Robustness (JSON)"} <= set(labels)
    for measure in ("auc", "balanced_accuracy"):
        app.segmented_control(key="robust-measure").select(measure).run()
        assert not app.exception and charts(app) == before
    card = (folder / "model_card.md").read_text()
    assert "## After recompression and resizing" in card and f"{points[1]['auc']['value']:.3f} [" in card
    assert "JPEG recompression" in card and "JPEG quality 60" in card
    (folder / "robustness" / "robustness.json").unlink()
    assert charts(open_page("results", view="Robustness")) == before - 5  # the tiers and four curves


DAMAGED = {
    "n": "many",
    "auc": {"value": "high", "low": None, "high": None},
    "threshold": None,
    "title": 5,
    "level": "x",
}


@pytest.mark.parametrize("change", ["another detector", "damaged", *DAMAGED])
def test_figures_of_another_detector_or_a_damaged_file_are_not_shown(change):
    folder = run_with(robust=True)
    file = folder / "robustness" / "robustness.json"
    if change == "damaged":
        file.write_text('{"points": [{"tier": "clean"}], "judged_by": "ab"}')
    elif change in DAMAGED:
        content = read_json(file)
        content["points"][-1][change] = DAMAGED[change]
        write_json(file, content)
    else:
        write_json(file, read_json(file) | {"judged_by": "cd"})
    assert "Not measured yet" in text(open_page("results", view="Robustness"))


def test_one_class_only_is_shown_as_far_as_it_goes():
    folder = run_with(robust=True)
    content = read_json(folder / "robustness" / "robustness.json")
    for point in content["points"]:
        for name in ("auc", "balanced_accuracy", "false_negative_rate"):
            point[name] = {"value": None, "low": None, "high": None}
    write_json(folder / "robustness" / "robustness.json", content)
    app = open_page("results", view="Robustness")
    for measure in ("auc", "errors"):
        app.segmented_control(key="robust-measure").select(measure).run()
        assert not app.exception


def test_scores_alone_and_model_b_say_why_there_is_no_button():
    run_with(robust=False, imported=True, onnx=None)
    app = open_page("results", view="Robustness")
    assert "imported scores" in text(app) and not [b for b in app.button if "robust" in str(b.key)]


def test_model_b_says_where_to_look():
    run_with(robust=False, kind="model_b")
    assert "Available for Model A only" in text(open_page("results", view="Robustness"))
