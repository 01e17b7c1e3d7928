"""Models shows an average beside the trainings it was made of, and says nothing of the kind of a single training."""

from __future__ import annotations

import pytest

from cgid.files import write_json
from cgid.settings import settings
from page_driver import open_page, text


def auc(value: float) -> dict[str, float]:
    return {"value": value, "low": value - 0.05, "high": value + 0.05}


def made(**metrics) -> dict:
    return {"kind": "model_a", "run_id": "steady", "metrics": {"test": {"auc": auc(0.8)}, "external": [], **metrics}}


@pytest.fixture
def folder():
    made = settings().runs / "model_a" / "steady"
    made.mkdir(parents=True)
    return made


def test_each_network_stands_beside_the_average_with_its_interval(folder):
    runs = [
        {"run_id": f"steady_seed{i}", "seed": i, "auc": {"test": auc(0.6 + i / 10), "external_other": auc(0.5)}}
        for i in range(2)
    ]
    external = [{"name": "other", "auc": auc(0.55)}]
    members = {"runs": runs, "spread": {"test": {"lowest": 0.6, "highest": 0.7}}}
    write_json(folder / "run_manifest.json", made(members=members, external=external) | {"members": [{}, {}]})
    app = open_page("models")
    assert "Does the ensemble help?" in text(app)
    [table] = [t.value for t in app.dataframe if "network" in t.value]
    assert list(table["network"]) == ["ensemble", "steady_seed0", "steady_seed1"]
    assert list(table["AUC on own test (95 % interval)"])[:2] == ["0.80 (0.75 to 0.85)", "0.60 (0.55 to 0.65)"]
    assert table["AUC on other (95 % interval)"].iloc[0] == "0.55 (0.50 to 0.60)"
    assert "single seeds ranged from AUC 0.600 to 0.700" in text(app)


def test_a_single_training_has_no_such_table(folder):
    write_json(folder / "run_manifest.json", made())
    assert "Does the ensemble help?" not in text(open_page("models"))
