"""Leakage page, below the features: the gate, counts by class, near-duplicates across splits, the leaking pair."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cgid.artifacts import Artifact
from cgid.audit.crosstabs import from_summary
from cgid.audit.gate import gate_result
from cgid.charts import scatter
from cgid.charts.confusion import crosstab
from cgid.charts.theme import CLASS_NAMES
from cgid.ui.shared import load as files
from cgid.ui.shared import parts, text

PAIRS_SHOWN, POINTS = 6, 1500
CLASSES = dict(enumerate(CLASS_NAMES.values()))


def gate(summary: dict[str, Any]) -> None:
    """Whether training with the usual gate would refuse this data."""
    shut, sentence = gate_result(summary.get("families") or {})
    if shut is None:
        return
    if shut:
        st.warning(text.literal(sentence), icon=":material/door_front:")
        st.caption(
            "`cgid model-a train --gate 0.60` refuses to train on such data. Match the formats of both classes first."
        )
    else:
        st.success(text.literal(sentence), icon=":material/meeting_room:")


def tables(summary: dict[str, Any]) -> None:
    """Extension, format, size and JPEG quality by class."""
    crosstabs = from_summary(summary)
    if not crosstabs:
        return
    st.subheader("Format, size and quality by class", anchor=False)
    columns = st.columns(2)
    for place, (what, rows) in enumerate(crosstabs.items()):
        description = "; ".join(f"{r['value']}: {r['real']} real, {r['ai']} AI" for r in rows)
        with columns[place % 2]:
            st.markdown(f"**{text.literal(what)}**")
            st.altair_chart(crosstab(rows), width="stretch", alt=f"Table of {what} by class. {description}"[:600])
    st.caption(
        "Number of images by class; the tint is the proportion within the class. Where the two columns differ, the file "
        "leaks the label."
    )


def near_duplicates(summary: dict[str, Any]) -> None:
    """Images in one split with a near-duplicate in another, side by side."""
    pairs = _details(summary, "near_duplicates_across_splits").get("pairs") or []
    if not pairs:
        return
    st.subheader("Near-duplicates across splits", anchor=False)
    st.caption(
        "A test image that nearly duplicates a training image tests nothing. The closest pair of each cluster, closest first."
    )
    pages = -(-len(pairs) // PAIRS_SHOWN)
    at = st.number_input(f"Page (of {pages})", 1, pages, 1, key="near-duplicates", width=160) if pages > 1 else 1
    with st.container(horizontal=True):
        for place, pair in enumerate(pairs[(at - 1) * PAIRS_SHOWN : at * PAIRS_SHOWN]):
            with st.container(border=True, width=392):
                distance = pair.get("distance")
                st.markdown("**Distance unknown**" if distance is None else f"**Distance: {int(distance)} of 64 bits**")
                parts.images(
                    [
                        {"path": str(pair[side]), "caption": f"{pair[f'{side}_split']}, {pair[f'{side}_label']}"}
                        for side in ("first", "second")
                    ],
                    f"pair-{at}-{place}",
                )


def leaking_pair(summary: dict[str, Any], table: Artifact | None) -> None:
    """Two features that separate the classes together but not alone: each image as a point."""
    import pandas as pd

    pairs = _details(summary, "pair_of_features").get("pairs") or []
    if not pairs or table is None:
        return
    rows = files.table(table.main)
    pairs = [p for p in pairs if p.get("first") in rows and p.get("second") in rows]
    if not pairs:
        return
    st.subheader("Two features that leak the label together", anchor=False)
    names = [f"{p['first']} and {p['second']}" for p in pairs]
    pair = pairs[names.index(st.selectbox("Pair", names))]
    x, y = pair["first"], pair["second"]
    data = pd.DataFrame({"x": numbers(rows, x), "y": numbers(rows, y), "class": labels(rows).map(CLASSES)})
    data["generator"] = rows["generator"].fillna("").astype(str) if "generator" in rows else ""
    data["row"] = range(len(data))
    data = data.dropna(subset=["x", "y"])
    if data.empty:
        st.caption("No image has a value for both.")
        return
    shown = data.sample(min(len(data), POINTS), random_state=0).sort_values("row")
    st.altair_chart(
        scatter.points(shown, x, y, _range(data["x"]), _range(data["y"]), 380), width="stretch",
        alt=f"Scatter plot: {x[:80]} against {y[:80]}, real photos and AI images by colour and shape.",
    )  # fmt: skip
    both, first, second = (text.percent(pair[k], 1) for k in ("balanced_accuracy", "first_alone", "second_alone"))
    less = f" Shown: {POINTS} of {len(data)} images, sampled at random." if len(data) > POINTS else ""
    st.caption(f"Balanced accuracy: {both} together, {first} and {second} alone.{less}")


def numbers(rows, name: str):
    """A column as float64, whatever a CSV holds there; NaN for text and infinity."""
    import numpy as np
    import pandas as pd

    return pd.to_numeric(rows[name], errors="coerce").astype(float).replace([np.inf, -np.inf], np.nan)


def labels(rows):
    """0 real, 1 AI of each row of a feature table that was audited before."""
    name = "target_label" if "target_label" in rows else "label"
    return rows[name].astype(str).str.strip().str.lower().isin(["ai", "1", "1.0"]).astype(int)


def _range(values) -> tuple[float, float]:
    low, high = float(values.quantile(0.005)), float(values.quantile(0.995))
    edge = (high - low) * 0.04 or 0.5
    return low - edge, high + edge


def _details(summary: dict[str, Any], code: str) -> dict[str, Any]:
    checks = summary.get("dataset_checks") or []
    return next((c.get("details") or {} for c in checks if c.get("code") == code), {})
