"""The parts of the Results page: threshold, matrix, ROC, the images behind a cell, and figures by source.

Precision-recall and DET of one split beside each other, with the threshold in use marked on both.
"""

from __future__ import annotations

import streamlit as st

from cgid.charts import confusion as confusion_chart
from cgid.charts import curves, distributions
from cgid.evaluate.curves import det, precision_recall, probit
from cgid.evaluate.intervals import cluster_share, group_codes
from cgid.evaluate.metrics import by, confusion, roc
from cgid.runs.run import Run
from cgid.schema import external_name
from cgid.ui.shared import load as files
from cgid.ui.shared import parts, text
from cgid.ui.shared.runs import elsewhere


def threshold_view(run: Run, rows) -> float:
    """Slider over the calibrated probability, beginning at the frozen threshold; the scores of both classes above it."""
    frozen = files.document(run.thresholds_path)
    named = frozen.get("thresholds") or {}
    start = min(1.0, max(0.0, float(named.get("balanced") or 0.5)))
    threshold = st.slider(
        "Threshold: call it AI at this probability or above", 0.0, 1.0, round(start, 3), 0.005, key=f"threshold-{run.kind}-{run.id}",
        help="Frozen on calibration images: " + ", ".join(f"{k} {v:.3f}" for k, v in named.items()),
    )  # fmt: skip
    marks = {"threshold": threshold}
    band = frozen.get("inconclusive") or {}
    marks |= {f"inconclusive band {k}": v for k, v in band.items() if isinstance(v, float) and 0 <= v <= 1}
    data = distributions.binned(rows["score"].to_numpy(), rows["label"].to_numpy(), 40, 0.0, 1.0)
    st.altair_chart(
        distributions.by_class(data, "calibrated probability of AI", marks, 260), width="stretch",
        alt="Histogram of the calibrated probability, one row for real photos and one for AI images, with the threshold.",
    )  # fmt: skip
    st.caption("Dashed: the threshold, and the inconclusive band frozen on calibration images.")
    return threshold


def figures(run: Run, split: str, rows, threshold: float) -> str | None:
    """Matrix and ROC at the threshold. Returns the clicked cell."""
    label, score = rows["label"].to_numpy(), rows["score"].to_numpy()
    counts = confusion(label, score, threshold)
    codes = group_codes(rows["group"].to_numpy() if "group" in rows else None, len(rows))
    accused = cluster_share((score >= threshold) & (label == 0), label == 0, codes)
    missed = cluster_share((score < threshold) & (label == 1), label == 1, codes)
    left, right = st.columns(2)
    with left:
        st.subheader("Confusion matrix", anchor=False)
        event = st.altair_chart(
            confusion_chart.matrix(counts), on_select="rerun", key=f"matrix-{run.id}-{split}", width="stretch",
            alt=confusion_chart.describe(counts),
        )  # fmt: skip
        st.caption("Click a cell to see its images.")
        st.markdown(
            f"**Real photos wrongly accused** (false positive rate): {text.share(accused)}  \n"
            f"**AI images missed** (false negative rate): {text.share(missed)}"
        )
    with right:
        st.subheader("All thresholds at once (ROC)", anchor=False)
        point = (accused.get("value"), missed.get("value"))
        at = (point[0], 1 - point[1]) if None not in point else None
        st.altair_chart(
            curves.roc(roc(label, score), at), width="stretch",
            alt="ROC curve: share of AI images caught against share of real photos wrongly accused.",
        )  # fmt: skip
        block = _block(run, split)
        st.markdown(f"**AUC** {text.decimal(block.get('auc'))} on {len(rows)} images of {len(set(codes))} sources.")
        st.caption(elsewhere(run))
    picked = ((event.selection or {}).get("cell") or []) if event else []
    return picked[0].get("cell") if picked else None


def cell_images(rows, threshold: float, cell: str | None) -> None:
    """The images of one cell, most confident first."""
    options = {c[0]: f"{c[1]}, detector {c[2]}: {c[3]}" for c in confusion_chart.CELLS}
    st.subheader("The images behind a cell", anchor=False)
    index = list(options).index(cell) if cell else 1
    chosen = st.selectbox("Cell", list(options), index=index, format_func=options.get, key=f"cell-{cell}")
    truth, said = chosen in ("fn", "tp"), chosen in ("fp", "tp")
    mine = rows[(rows["label"] == int(truth)) & ((rows["score"] >= threshold) == said)]
    mine = mine.sort_values("score", ascending=not said)
    if mine.empty:
        st.caption("No image is in this cell.")
        return
    parts.images(
        [{"path": r.filepath, "caption": f"P(AI) {r.score:.2f} {_of(r)}".strip()} for r in mine.itertuples()],
        f"cell-{chosen}",
    )


def strata(rows, threshold: float) -> None:
    """Confusion matrix and share of wrong answers by generator and by source, worst first, Wilson intervals by group."""
    for column, title in (("generator", "By generator or camera"), ("source", "By data set")):
        if column not in rows or rows[column].fillna("").nunique() < 2:
            continue
        blank = rows["label"].map({0: "real, camera not stated", 1: "AI, generator not stated"})
        name = rows[column].where(rows[column].fillna("") != "", blank if column == "generator" else "not stated")
        groups = rows["group"].to_numpy() if "group" in rows else None
        table = by(rows["label"], rows["score"], name, threshold, groups)
        frame = table[["name", "n"]].rename(columns={"name": column, "n": "images"})
        frame["wrong"], frame["from"], frame["to"] = 1 - table["accuracy"], 1 - table["high"], 1 - table["low"]
        for key, truth, said, _ in confusion_chart.CELLS:
            frame[f"{truth}, {said}"] = table[key]
        st.subheader(title, anchor=False)
        shares = {c: st.column_config.NumberColumn(format="percent") for c in ("wrong", "from", "to")}
        st.dataframe(
            frame, hide_index=True, column_config=shares,
            alt=f"Confusion matrix and share of wrong answers by {column}, worst first",
        )  # fmt: skip
        st.caption("`from` and `to`: 95 % interval of the share of wrong answers (Wilson, by independent source).")


def _block(run: Run, split: str) -> dict:
    metrics = run.manifest.get("metrics") or {}
    if (name := external_name(split)) is not None:
        return next((e for e in metrics.get("external") or [] if e.get("name") == name), {})
    if run.kind == "model_b":
        variants = metrics.get("variants") or {}
        return (variants.get("content_only") or {}).get(split) or metrics.get(split) or {}
    return metrics.get(split) or {}


def _of(row) -> str:
    generator = getattr(row, "generator", "")
    return str(generator) if isinstance(generator, str) else ""


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
                curves.precision_recall(precision_recall(label, score), ai / (real + ai), at), width="stretch",
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
                curves.det(det(label, score), at), width="stretch",
                alt="DET curve: false negative rate against false positive rate on probit axes; dashed: both alike.",
            )  # fmt: skip
            st.caption(
                "Nearer the lower left corner is better; the dashed line meets the curve at the equal error rate. Axes "
                "are stretched towards 0 % (probit), where the differences that matter lie."
            )
