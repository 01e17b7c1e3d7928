"""Models shows a run's smaller ONNX copies as they were judged, says why one was refused, and starts the job."""

from __future__ import annotations

import pytest

from cgid.files import write_json
from cgid.jobs import store
from cgid.settings import settings
from page_driver import open_page, text

KEPT = {
    "kept": True, "file": "model_int8.onnx", "bytes": 11_300_000, "made_from": "a" * 64, "sha256": "b" * 64,
    "parity": {"images": 224, "other_labels": 1 / 224, "largest_difference": 0.0169},
    "accuracy": {
        "n": 224,
        "auc": {"difference": 0.001, "low": -0.004, "high": 0.006},
        "balanced_accuracy": {"difference": 0.0, "low": -0.01, "high": 0.01},
    },
    "speed": {"images_per_second": {"variant": {"1": 200.4, "32": 290.0}}, "ratio": {"1": 3.3, "32": 3.5}},
}  # fmt: skip
REFUSED = {"kept": False, "reason": "fp16 was not kept: its AUC may be worse than float32's by 0.031 [x](http://y)."}


@pytest.fixture
def made():
    def make(**more):
        folder = settings().runs / "model_a" / "made"
        folder.mkdir(parents=True)
        for name in ("model.onnx", "model_int8.onnx"):
            (folder / name).write_bytes(b"x" * 1000)
        manifest = {"kind": "model_a", "run_id": "made", "metrics": {}, "onnx": {"sha256": "a" * 64}}
        write_json(folder / "run_manifest.json", manifest | more)
        return folder

    return make


def test_kept_copies_are_shown_with_their_figures_and_refused_ones_with_their_reason(made):
    made(onnx_variants={"int8": KEPT, "fp16": REFUSED, "other": 3})
    app = open_page("models")
    shown = next(d.value for d in app.dataframe if "variant" in d.value)
    row = shown.iloc[0]
    assert len(shown) == 1 and row["variant"] == "int8, 8 bits" and row["size"] == "11.3 MB"
    assert row["same label"] == "99.6 %" and row["AUC, change (95 % interval)"] == "+0.001 (-0.004 to +0.006)"
    assert row["images/s, batches of 32"] == "290 (3.5 x float32)"
    assert any("fp16 was not kept" in i.value and "[x](" not in i.value for i in app.info)
    assert any(b.label == "ONNX, int8" for b in app.get("download_button"))


def test_a_copy_of_an_earlier_file_is_not_offered(made):
    made(onnx_variants={"int8": KEPT | {"made_from": "c" * 64}})
    app = open_page("models")
    assert not any("variant" in d.value for d in app.dataframe) and "create it again" in text(app)
    assert not any(b.label == "ONNX, int8" for b in app.get("download_button"))


def test_the_button_starts_the_job(made, monkeypatch):
    monkeypatch.setattr("cgid.jobs.submit.ensure_supervisor", lambda: None)
    folder = made()
    app = open_page("models")
    assert "int8 is about a quarter" in text(app)
    app.button(key="variants").click().run()
    assert not app.exception
    [job] = store.list_jobs()
    assert job.kind == "export-onnx" and job.params == {"run": str(folder), "variants": "fp16,int8"}


def test_scores_alone_have_no_network_to_make_smaller(made):
    folder = made(imported=True, name="theirs")
    write_json(folder / "run_manifest.json", {"kind": "model_a", "run_id": "made", "metrics": {}, "imported": True})
    app = open_page("models")
    assert not [b for b in app.button if b.key == "variants"]
