"""Precision-recall and DET of one split beside each other, with the threshold in use marked on both."""

from __future__ import annotations

import streamlit as st

from cgid.charts import error_curves
from cgid.evaluate.det import det, probit
from cgid.evaluate.metrics import confusion
from cgid.evaluate.precision_recall import precision_recall


def more_curves(rows, threshold: float) -> None:
    """rows: predictions with `label` and `score`. Says so where a curve needs a class that is not there."""
    label, score = rows["label"].to_numpy(), rows["score"].to_numpy()
    counts = confusion(label, score, threshold)
    real, ai = counts["tn"] + counts["fp"], counts["fn"] + counts["tp"]
    left, right = st.columns(2)
    with left:
        st.subheader("Precision and recall", anchor=False)
        if not ai:
            st.caption("No AI image is in this split, so there is nothing to find.")
        else:
            called = counts["tp"] + counts["fp"]
            at = (counts["tp"] / ai, counts["tp"] / called) if called else None
            st.altair_chart(
                error_curves.precision_recall(precision_recall(label, score), ai / (real + ai), at), width="stretch",
                alt="Precision against recall over all thresholds; dashed: what guessing reaches.",
            )  # fmt: skip
            st.caption(
                f"Dashed: guessing, on this split's share of AI images ({ai / (real + ai):.0%}). Where fewer images are "
                "AI, precision is lower at the same threshold."
            )
    with right:
        st.subheader("Both errors (DET)", anchor=False)
        if not (real and ai):
            st.caption("One class only is in this split, so the two errors cannot be set against each other.")
        else:
            at = (float(probit(counts["fp"] / real, real)), float(probit(counts["fn"] / ai, ai)))
            st.altair_chart(
                error_curves.det(det(label, score), at), width="stretch",
                alt="DET curve: false negative rate against false positive rate on probit axes; dashed: both alike.",
            )  # fmt: skip
            st.caption(
                "Nearer the lower left corner is better; the dashed line meets the curve at the equal error rate. Axes "
                "are stretched towards 0 % (probit), where the differences that matter lie."
            )
