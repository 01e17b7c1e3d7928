"""Model B's answer is told step by step on the Check page, from the start to the answer, nothing left over."""

from __future__ import annotations

import pytest

from cgid.charts.verdict import ANSWER, OTHER_FEATURES, START, waterfall, waterfall_steps


def test_the_steps_lead_from_the_start_to_the_answer_without_a_gap():
    parts = [(f"feature {i}", "1", 1.0 / (i + 1) * (-1) ** i) for i in range(20)]
    output = 0.3 + sum(c for *_, c in parts)
    rows = waterfall_steps(0.3, parts, output)
    assert (
        rows["name"].tolist()[0] == START and rows["name"].tolist()[-2:] == [OTHER_FEATURES, ANSWER] and len(rows) == 11
    )
    assert rows["from"].tolist()[1:-1] == pytest.approx(rows["to"].tolist()[:-2])
    assert rows["to"].iloc[-2] == pytest.approx(output) == pytest.approx(rows["to"].iloc[-1])
    assert set(rows["points to"]) == {"real", "AI", "base value and result"}
    assert waterfall(rows, "log odds").to_dict()


def test_without_more_features_there_is_no_rest():
    assert OTHER_FEATURES not in set(waterfall_steps(0.0, [("one", "2", 0.5)], 0.5)["name"])


def shown(found):
    from streamlit.testing.v1 import AppTest

    def page(found):
        from cgid.ui.check.evidence_card import contributions

        contributions(found)

    app = AppTest.from_function(page, kwargs={"found": found}).run()
    assert not app.exception
    return app


def test_a_linear_answer_is_drawn_and_a_record_from_before_is_left_out():
    parts = [{"feature": "noise_sigma", "value": None, "contribution": -0.5}]
    block = {"run": "r", "kind": "linear", "start": 0.1, "logit": -0.4, "contributions": parts}
    app = shown({"model_b": block})
    assert "Exact" in app.caption[0].value and not app.toggle
    assert not shown({"model_b": {"run": "r", "contributions": parts}}).caption


def test_trees_offer_shapley_values_and_say_when_the_model_has_changed(tmp_path, monkeypatch):
    monkeypatch.setenv("CGID_HOME", str(tmp_path))
    parts = [{"feature": "noise_sigma", "value": 1.0, "contribution": 0.5}]
    block = {"run": "gone", "kind": "trees", "start": 0.1, "logit": 0.6, "contributions": parts}
    app = shown({"model_b": block})
    assert "order" in app.caption[0].value
    app.toggle(key="tree-shap").set_value(True).run()
    assert not app.exception and "The current Model B has changed" in app.caption[0].value
