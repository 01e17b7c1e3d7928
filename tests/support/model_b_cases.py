"""Tables with a planted signal and a planted leak, and a small registry for them, for the tests of Model B."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from cgid.features import registry
from cgid.model_b.params import TrainModelBParams
from cgid.model_b.train import train
from cgid.progress import silent

FAMILIES = {"noise": "content", "ela": "content", "metadata": "provenance", "rule": "model", "ml": "model"}


@pytest.fixture(autouse=True)
def groups(tmp_path, monkeypatch):
    """A small registry: the rules read metadata, so they are no content; Model A reads pixels."""
    monkeypatch.setenv("CGID_HOME", str(tmp_path))
    columns = {"noise": ("noise_variance", "noise_flat", "noise_missing"), "ela": ("ela_mean_error",)}
    columns |= {"metadata": ("metadata_anomaly_score",), "rule": ("rule_forensic_score",), "ml": ("ml_probability",)}
    by_key = {
        key: SimpleNamespace(
            key=key, prefix=key, family=FAMILIES[key], columns=names, after=("metadata",) if key == "rule" else ()
        )
        for key, names in columns.items()
    }
    family = {column: group.family for group in by_key.values() for column in group.columns}
    monkeypatch.setattr(registry, "all_groups", lambda: by_key)
    monkeypatch.setattr(registry, "family_of", lambda column: family.get(column, "unknown"))


def table(n=360, signal=1.5, leak=3.0, seed=0):
    """A table like extraction's: two images per group, noise_variance and ela carry the signal, metadata leaks."""
    random = np.random.default_rng(seed)
    ai = np.repeat(np.arange(n // 2) % 2, 2)
    ela = random.normal(0, 1, n) - signal / 2 * ai
    ela[random.random(n) < 0.1] = np.nan
    return pd.DataFrame(
        {
            "record_id": [f"{i:064x}" for i in range(n)],
            "filepath": [f"/images/{i}.png" for i in range(n)],
            "filename": [f"{i}.png" for i in range(n)],
            "label": np.where(ai == 1, "ai", "real"),
            "source": "demo_leaky",
            "generator": "",
            "split": np.repeat(np.array(["train", "train", "train", "val", "test"])[(np.arange(n // 2) // 2) % 5], 2),
            "group": [f"g{i // 2}" for i in range(n)],
            "noise_variance": random.normal(0, 1, n) + signal * ai,
            "noise_flat": 1.0,
            "noise_missing": np.nan,
            "ela_mean_error": ela,
            "metadata_anomaly_score": random.normal(0, 1, n) + leak * ai,
            "rule_forensic_score": np.clip(random.normal(0.4, 0.2, n) + 0.2 * ai, 0, 1),
            "ml_probability": 1 / (1 + np.exp(-random.normal(0, 1, n) - ai)),
        }
    )


def run(tmp_path, frame, name="run", **flags):
    path = tmp_path / "table.csv"
    frame.to_csv(path, index=False)
    folder = tmp_path / "artifacts" / "runs" / "model_b" / name
    result = train(TrainModelBParams(path, folder, **{"epochs": 40} | flags), silent)
    return SimpleNamespace(
        folder=folder, result=result, manifest=json.loads((folder / "run_manifest.json").read_text())
    )


def coefficients(folder, name="coefficients.csv"):
    return pd.read_csv(folder / name).set_index("feature")
