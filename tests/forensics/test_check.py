"""`check` answers for any file, before any model exists and with models, and starts fast."""

from __future__ import annotations

import hashlib
import io
import json
import math
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from cgid.errors import InputError
from cgid.evaluate.calibration import Calibration
from cgid.evaluate.thresholds import Thresholds
from cgid.features.registry import all_groups
from cgid.files import write_json
from cgid.forensics.check import check
from cgid.forensics.maps import all_maps, maps
from cgid.forensics.models import Models, current_models, load_thresholds
from cgid.runs.run import Run

KEYS = [
    "file",
    "sha256",
    "verdict",
    "reason",
    "why",
    "probability_ai",
    "model_a",
    "model_b",
    "rules",
    "provenance",
    "agreement",
    "evidence",
    "features",
    "error_rates",
    "models",
    "versions",
    "error",
]


def photo(size: tuple[int, int] = (96, 80), **texts: str) -> bytes:
    pixels = np.random.default_rng(3).normal(128, 30, (size[1], size[0], 3)).clip(0, 255).astype(np.uint8)
    info = PngImagePlugin.PngInfo()
    for key, text in texts.items():
        info.add_text(key, text)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


class Network:
    """Stands for an ONNX network: always the same logit."""

    sha256 = "0" * 64

    def logits(self, images):
        return np.full(len(images), 2.0)


@dataclass
class Fusion:
    """Stands for Model B: remembers what it was shown."""

    variant: str = "content_only"
    shown: dict = field(default_factory=dict)

    def probability(self, values):
        self.shown = dict(values)
        return 0.9

    def contributions(self, values):
        return [("noise_variance", 3.0, 1.5), ("ela_mean_error", None, -0.1)]


def models(tmp_path: Path, simulated: bool = False) -> Models:
    def run(kind: str) -> Run:
        folder = tmp_path / kind
        folder.mkdir(exist_ok=True)
        return Run(kind, "run1", folder, {"kind": kind, "created": "2026-01-01", "simulated": simulated})

    rates = {"likely_ai_wrong": {"value": 0.05, "low": 0.02, "high": 0.1, "n": 100}}
    return Models(
        run_a=run("model_a"),
        run_b=run("model_b"),
        network=Network(),
        fusion=Fusion(),
        thresholds_a=Thresholds(Calibration(), 0.3, 0.7, error_rates=rates),
        thresholds_b=Thresholds(Calibration(), 0.3, 0.7, error_rates=rates),
    )


def test_before_any_model_it_answers_from_rules_and_provenance_and_says_so() -> None:
    found = check(photo(), "a.png").to_json()
    assert list(found) == KEYS
    assert found["verdict"] == "inconclusive"
    assert "No model has been trained" in found["reason"]
    assert found["model_a"] is found["model_b"] is found["probability_ai"] is None
    assert found["models"]["simulated"] is False
    json.dumps(found, allow_nan=False)


def test_features_hold_every_column_and_null_for_missing() -> None:
    found = check(photo(), "a.png").to_json()
    wanted = {c for key, g in all_groups().items() for c in g.columns}
    assert set(found["features"]) == wanted
    assert found["features"]["jpeg_quality_estimate"] is None
    assert found["features"]["container_width"] == 96


def test_a_declared_file_needs_no_model() -> None:
    found = check(photo(parameters="duck\nSteps: 20, Sampler: Euler a"), "a.png")
    assert (found.verdict, found.models["decided_by"]) == ("declared_ai", "provenance")
    assert found.rules.hits[0].code == "generator_trace"


def test_appended_markers_do_not_move_the_verdict() -> None:
    clean = check(photo(), "a.png").to_json()
    tricked = check(photo() + b"parameters\0Steps: 20, Sampler: Euler trainedAlgorithmicMedia", "a.png").to_json()
    assert (clean["verdict"], clean["provenance"]) == (tricked["verdict"], tricked["provenance"])


@pytest.mark.parametrize("data", [b"", b"text", b"\xff\xd8\xff\xe0broken", photo()[:80]])
def test_a_bad_image_is_a_verdict_not_an_error(data: bytes) -> None:
    found = check(data, "x.jpg").to_json()
    assert list(found) == KEYS
    assert found["verdict"] == "unreadable"
    assert found["error"].startswith("x.jpg ")
    assert len(found["sha256"]) == 64


def test_a_missing_file_is_unreadable(tmp_path) -> None:
    found = check(tmp_path / "none.png")
    assert (found.verdict, found.sha256) == ("unreadable", "")


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (8, 8)])
def test_tiny_images_get_an_answer(size: tuple[int, int], tmp_path) -> None:
    assert check(photo(size), "a.png").models["problems"] == []
    assert check(photo(size), "a.png", models(tmp_path)).verdict == "likely_ai"


def test_models_decide_and_model_b_sees_model_as_raw_probability(tmp_path) -> None:
    loaded = models(tmp_path)
    found = check(photo(), "a.png", loaded).to_json()
    assert (found["verdict"], found["probability_ai"], found["models"]["decided_by"]) == ("likely_ai", 0.9, "model_b")
    assert found["model_a"]["raw"] == pytest.approx(1 / (1 + math.exp(-2)))
    assert loaded.fusion.shown["ml_probability"] == found["model_a"]["raw"]
    assert found["model_b"]["contributions"][0] == {"feature": "noise_variance", "value": 3.0, "contribution": 1.5}
    assert found["error_rates"]["likely_ai_wrong"]["n"] == 100
    assert "wrongly classified as AI was 5 %" in found["reason"]


def test_error_rates_of_a_model_that_did_not_decide_are_not_given(tmp_path) -> None:
    declared = check(photo(parameters="duck\nSteps: 20, Sampler: Euler a"), "a.png", models(tmp_path))
    assert (declared.verdict, declared.error_rates) == ("declared_ai", None)
    assert declared.model_b is not None


def test_simulated_models_are_named_as_such(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("cgid.forensics.check.demo_images", lambda: {hashlib.sha256(photo()).hexdigest()})
    found = check(photo(), "a.png", models(tmp_path, simulated=True))
    assert found.models["simulated"] is True
    assert found.verdict != "inconclusive" and "simulated demo images" in found.reason


def test_models_of_simulated_data_decide_nothing_about_another_picture(tmp_path) -> None:
    found = check(photo(), "a.png", models(tmp_path, simulated=True))
    assert found.verdict == "inconclusive" and found.probability_ai is None and found.error_rates is None
    assert "not one of those" in found.reason and "would answer" in found.reason


def test_an_image_model_a_learned_from_is_not_fed_to_model_b_as_news(tmp_path) -> None:
    import hashlib

    import pyarrow as pa
    import pyarrow.parquet as pq

    loaded = models(tmp_path)
    sha256 = hashlib.sha256(photo()).hexdigest()
    pq.write_table(pa.table({"sha256": [sha256]}), loaded.run_a.folder / "predictions_train.parquet")
    found = check(photo(), "a.png", loaded)
    assert found.model_a.trained_on is True
    assert found.features["ml_probability"] is None
    assert math.isnan(loaded.fusion.shown["ml_probability"])


def test_calibration_follows_the_frozen_numbers() -> None:
    assert Calibration(2.0, 0.5).probability(3.0) == pytest.approx(1 / (1 + math.exp(-2.0)))
    assert Calibration(1.0, 0.0).probability(-800.0) == 0.0


@pytest.mark.parametrize(
    "content", ["", "[]", '{"inconclusive": {"low": 0.1}}', '{"temperature": 0, "inconclusive": {"low": 0, "high": 1}}']
)
def test_damaged_thresholds_are_told(tmp_path, content: str) -> None:
    (tmp_path / "thresholds.json").write_text(content)
    with pytest.raises(InputError, match=r"thresholds.json"):
        load_thresholds(tmp_path)


def test_a_promoted_run_that_is_gone_is_named_and_the_check_goes_on(own_home) -> None:
    write_json(own_home / "artifacts" / "current.json", {"model_a": "runs/model_a/gone"})
    found = check(photo(), "a.png")
    assert found.verdict == "inconclusive"
    assert "cannot be used" in found.reason


def test_current_models_are_kept_until_something_changes(own_home) -> None:
    first = current_models()
    assert current_models() is first
    write_json(own_home / "artifacts" / "current.json", {})
    assert current_models() is not first


def test_maps_are_small_pictures_of_every_group_that_has_one() -> None:
    from cgid.imaging.image_file import ImageFile

    drawn = maps(ImageFile.from_bytes(photo(), "a.png"))
    assert set(drawn) == set(all_maps()) >= {"ela.error", "noise.residual", "spectrum.power"}
    for picture in drawn.values():
        assert picture.dtype == np.uint8
        assert max(picture.shape[:2]) <= 1024
    assert list(maps(ImageFile.from_bytes(photo(), "a.png"), ["ela.error"])) == ["ela.error"]


def test_a_cold_check_is_fast_and_loads_nothing_heavy(tmp_path) -> None:
    (tmp_path / "a.png").write_bytes(photo((512, 512)))
    code = (
        "import sys, time; t = time.process_time(); from cgid.forensics.check import check; check(sys.argv[1]); "
        "print(time.process_time() - t, *[m for m in ('torch', 'sklearn', 'pandas', 'skimage', 'streamlit', 'onnxruntime') "
        "if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.png")], capture_output=True, text=True, check=True
    )
    seconds, *heavy = done.stdout.split()
    assert heavy == []
    assert float(seconds) < 3


@pytest.mark.real
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_every_malformed_file_gets_a_verdict(shared_data) -> None:
    for path in sorted(p for p in (shared_data / "malformed").rglob("*") if p.is_file()):
        found = check(path)
        assert found.verdict in ("unreadable", "inconclusive"), path.name
        assert not found.models.get("problems"), (path.name, found.models)


@pytest.mark.real
def test_real_files_get_the_verdict_they_declare(shared_data) -> None:
    folder = shared_data / "c2pa_and_metadata"
    assert check(folder / "phone_vs_ai/fake/my_building_front_chatgpt.png").verdict == "declared_ai"
    assert check(folder / "sd_parsers/parsers/AUTOMATIC1111/automatic1111_cropped.jpg").verdict == "declared_ai"
    assert check(folder / "public-testfiles/adobe-20220124-E-sig-CA.jpg").verdict == "inconclusive"
    assert check(shared_data / "camera_exif/gps/DSCN0010.jpg").verdict == "inconclusive"
