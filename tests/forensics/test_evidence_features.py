"""One number of a group as evidence: chosen from training data alone, told as odds, silent where nothing can be told."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cgid.evaluate.class_distribution import ClassDistribution
from cgid.evaluate.curves import auc
from cgid.features.registry import all_groups
from cgid.forensics.evidence.evidence import POINTS, Evidence, Material
from cgid.forensics.evidence.kinds.features import MAX_STRENGTH, best_feature, find
from cgid.forensics.evidence.reference import load
from cgid.forensics.maps import all_maps

CONTENT = {k: g for k, g in all_groups().items() if g.family == "content"}


def block(real: np.ndarray, ai: np.ndarray) -> dict:
    """A feature as a run's reference holds it, read."""
    value = np.concatenate([real, ai])
    label = np.repeat([0, 1], [len(real), len(ai)])
    figure = auc(label, value)
    return {
        "spread": ClassDistribution.of(value, label),
        "missing": {"real": 0, "ai": 0},
        "independent": (1.0, 1.0),
        "auc": {"value": figure, "low": max(figure - 0.06, 0), "high": min(figure + 0.06, 1)},
    }


def made(seed: int = 0, **apart: float) -> dict:
    """{column: block} of noise features, AI higher by `apart` deviations."""
    random = np.random.default_rng(seed)
    return {f"noise_{k}": block(random.normal(0, 1, 200), random.normal(d, 1, 200)) for k, d in apart.items()}


def pieces(features: dict | None, values: dict, **found) -> dict[str, Evidence]:
    reference = {"rows": {"real": 200, "ai": 200}, "groups": {}, "features": features} if features else {}
    material = Material(None, {"features": values, **found}, reference)
    made = {piece.key: piece for piece in find(material)}
    for piece in made.values():
        assert piece.points_to in POINTS and 0 <= piece.strength <= MAX_STRENGTH
        assert piece.sentence.endswith(".") and piece.limitations.endswith(".") and piece.source
        assert set(piece.maps) <= set(all_maps())
    assert set(made) == {f"features.{key}" for key in CONTENT}
    return made


def test_the_best_ranking_feature_of_the_training_data_speaks_whatever_the_image_says():
    features = made(sigma=1.0, skew=2.0, variance=0.5)
    for sigma, skew in ((9.0, 0.1), (0.1, 3.0), (-4.0, 1.0)):
        found = pieces(features, {"noise_sigma": sigma, "noise_skew": skew, "noise_variance": 0.0})["features.noise"]
        assert found.feature == "noise_skew" and found.sentence.startswith("Skew")


def test_the_share_of_ai_is_told_and_points_to_the_side_that_its_interval_proves():
    features = made(skew=2.0)
    ai, real, even = (pieces(features, {"noise_skew": v})["features.noise"] for v in (2.6, -0.6, 1.0))
    assert (ai.points_to, real.points_to, even.points_to) == ("ai", "real", "neither")
    assert "100 images with a similar value were AI" in ai.sentence and "95 % interval" in ai.sentence
    near = features["noise_skew"]["spread"].neighbours(2.6)
    assert ai.strength == pytest.approx(MAX_STRENGTH * 2 * (near.share_low - 0.5)) and even.strength == 0
    assert "The interval includes even odds" in even.sentence and ai.number.startswith("2.6")
    assert dict(ai.rows)["AI images with a similar value"] == f"{near.ai:.0f} of 200"


def test_more_extreme_than_all_training_images_is_said_and_weighs_nothing():
    for value, word in ((50.0, "Higher"), (-50.0, "Lower")):
        found = pieces(made(skew=2.0), {"noise_skew": value})["features.noise"]
        assert f"{word} than all 400 training images" in found.sentence and "cannot interpret it" in found.sentence
        assert (found.strength, found.points_to, found.feature) == (0, "neither", "noise_skew")


def test_a_missing_value_is_said_with_when_that_happens():
    found = pieces(made(skew=2.0), {"noise_skew": None})["features.noise"]
    assert "Not applicable: under 8 px" in found.sentence and found.strength == 0 and found.number == ""


def test_without_training_data_the_value_and_the_map_are_still_there():
    found = pieces(None, {"noise_variance": 0.5})["features.noise"]
    assert "0.5" in found.sentence and "No training data" in found.sentence
    assert (found.feature, found.maps) == ("", ("noise.residual",)) and found.strength == 0


def test_models_of_simulated_data_prove_nothing_about_another_picture():
    values = {"noise_skew": 2.6}
    for about in ({"simulated": True}, {"simulated": True, "foreign": True}):
        found = pieces(made(skew=2.0), values, models=about, sha256="0" * 64)["features.noise"]
        assert "simulated" in found.sentence and (found.strength, found.points_to) == (0, "neither")
    own = pieces(made(skew=2.0), values, models={"simulated": True, "foreign": False})["features.noise"]
    assert own.points_to == "ai"


def test_choosing_among_many_is_paid_for():
    random = np.random.default_rng(3)
    group = CONTENT["noise"]
    names = [group.column(f.name) for f in group.features]
    blocks = {c: block(random.normal(0, 1, 50), random.normal(0, 1, 50)) for c in names}
    for one in blocks.values():
        one["auc"] = {"value": 0.52, "low": 0.41, "high": 0.63}
    best = blocks[names[4]]["auc"] = {"value": 0.61, "low": 0.505, "high": 0.71}
    _, tells = best_feature(group, {"features": blocks})
    assert not tells and best["low"] > 0.5  # of one feature that would be proof, of fourteen it is not
    found = pieces(blocks, dict.fromkeys(names, 0.0))["features.noise"]
    assert "No feature of this group separates the classes" in found.sentence and found.strength == 0


def test_a_perfect_order_counts_by_its_own_bound_and_undefined_figures_by_nothing():
    group, random = CONTENT["noise"], np.random.default_rng(0)
    perfect = block(random.normal(0, 1, 50), random.normal(50, 1, 50))
    nothing = block(np.zeros(5), np.ones(5)) | {"auc": dict.fromkeys(("value", "low", "high"), float("nan"))}
    feature, tells = best_feature(group, {"features": {"noise_variance": nothing, "noise_skew": perfect}})
    assert (feature.name, tells) == ("skew", True)
    assert best_feature(group, {"features": {"noise_variance": nothing}}) == (group.features[0], False)


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.none(), st.floats(width=32), st.integers(-(10**12), 10**12), st.text(max_size=5), st.booleans()))
def test_odd_values_end_in_a_sentence(value):
    pieces(made(skew=2.0), {"noise_skew": value})


def test_one_class_only_cannot_be_compared():
    lone = block(np.random.default_rng(0).normal(0, 1, 50), np.empty(0))
    found = pieces({"noise_variance": lone}, {"noise_variance": 0.0})["features.noise"]
    assert "One class" in found.sentence and found.strength == 0


GOOD = {"edges": [0, 0, 1, 1], "real": [3, 0, 1], "ai": [1, 0, 3], "missing": {"real": 0, "ai": 0}}
GOOD |= {"independent": [1, 1], "auc": {"value": 0.7, "low": 0.6, "high": 0.8}}
HEAD = {"format": 1, "rows": {"real": 4, "ai": 4}, "groups": {"real": 4, "ai": 4}}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "[" * 100_000,
        '{"format": 2}',
        json.dumps(HEAD),
        json.dumps(HEAD | {"features": 3}),
        "\x00",
    ],
)
def test_a_broken_file_is_no_reference(tmp_path, text):
    (tmp_path / "reference.json").write_text(text)
    assert not load(tmp_path).get("features")
    assert not load(tmp_path / "none")


def test_a_feature_that_is_broken_costs_itself_alone(tmp_path):
    bad = {
        "a": GOOD | {"edges": [0]},
        "b": None,
        "c": GOOD | {"independent": [1]},
        "d": GOOD | {"auc": 3},
        "noise_skew": GOOD,
    }
    (tmp_path / "reference.json").write_text(json.dumps(HEAD | {"features": bad}))
    read = load(tmp_path)
    assert set(read["features"]) == {"noise_skew"} and read["rows"] == {"real": 4, "ai": 4}
    odd = GOOD | {"auc": {"value": "x", "low": None, "high": 5}}
    (tmp_path / "reference.json").write_text(json.dumps(HEAD | {"features": {"noise_skew": odd}}) + "\n")
    found = pieces(load(tmp_path)["features"], {"noise_skew": 1.0})["features.noise"]
    assert found.strength == 0
