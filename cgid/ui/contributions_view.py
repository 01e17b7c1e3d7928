"""The Check page: which features moved Model B's answer, step by step from an average image to this one."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cgid.charts.waterfall import steps, waterfall
from cgid.errors import InputError
from cgid.models.linear import INTERCEPT
from cgid.ui import parts
from cgid.ui.feature_names import name_of

MOST = 8
ODDS = "log odds: real ← → AI"
SHARE = "share of votes for AI"


def contributions(found: dict[str, Any]) -> None:
    """Waterfall of Model B's answer; for trees, Shapley values on request. found: a check's object."""
    block = found.get("model_b") or {}
    own = [p for p in block.get("contributions") or [] if p["feature"] != INTERCEPT]
    if not own or block.get("logit") is None:
        return
    kind = block.get("kind", "linear")
    if kind == "trees" and st.toggle(
        "Shapley values (TreeSHAP)", key="tree-shap",
        help="Shares the answer out fairly among all features, in any order; takes a few seconds the first time.",
    ):  # fmt: skip
        _shapley(found, block)
        return
    _draw(block["start"], [(p["feature"], p["value"], p["contribution"]) for p in own], block["logit"], ODDS)
    if kind == "trees":
        st.caption(
            "From an average training image to this one, feature after feature in the order of their importance; "
            "another order would share the credit differently. Zero is even odds, after calibration."
        )
    else:
        st.caption(
            "Exact: weight times distance from the average training image. Zero is even odds, after calibration. Each "
            "step says what moved this answer, not what made the picture."
        )


def _shapley(found: dict[str, Any], block: dict[str, Any]) -> None:
    from cgid.forensics.models import current_models
    from cgid.models.estimators import TreeModel
    from cgid.models.tree_shap import VOTES, tree_parts

    models = current_models()
    if not isinstance(models.fusion, TreeModel) or models.run_b is None or models.run_b.id != block.get("run"):
        st.caption("Another Model B answers now; check the picture again.")
        return
    try:
        told = tree_parts(models.fusion, found.get("features") or {})
    except InputError as problem:
        parts.problem(problem)
        return
    votes = told.unit == VOTES
    _draw(told.start, told.parts, told.output, SHARE if votes else ODDS)
    st.caption(
        "Shapley values (TreeSHAP, path-dependent): the steps add up to the answer exactly. "
        + ("The share of trees that vote AI, before calibration." if votes else "Zero is even odds, after calibration.")
    )


def _draw(start: float, own: list[tuple[str, float | None, float]], output: float, title: str) -> None:
    named = [(name_of(f), "no value" if v is None else f"{v:.4g}", c) for f, v, c in own]
    rows = steps(start, named, output, MOST)
    first = ", ".join(f"{name} towards {'AI' if step > 0 else 'real'}" for name, _, step in named[:3])
    st.altair_chart(
        waterfall(rows, title), width="stretch",
        alt=f"Waterfall from an average image at {start:+.2f} to Model B's answer at {output:+.2f}; the largest steps: {first}.",
    )  # fmt: skip
