"""The parts of the Results page: threshold, confusion matrix, its images, ROC, PR and DET curves, errors by source."""

from __future__ import annotations

import streamlit as st

from cgid.charts import confusion as confusion_chart
from cgid.charts import curves, distributions
from cgid.evaluate.curves import det, precision_recall, probit
from cgid.evaluate.intervals import clustered_proportion, group_codes
from cgid.evaluate.metrics import by, confusion, roc
from cgid.runs.run import Run
from cgid.schema import external_name
from cgid.ui.shared import load as files
from cgid.ui.shared import parts, text
from cgid.ui.shared.runs import elsewhere


def threshold_view(run: Run, rows) -> float:
    """Slider over the calibrated probability, starting at the fixed threshold, with a histogram of both classes."""
    frozen = files.document(run.thresholds_path)
    named = frozen.get("thresholds") or {}
    start = min(1.0, max(0.0, float(named.get("balanced") or 0.5)))
    threshold = st.slider(
        "Threshold: call it AI at this probability or above", 0.0, 1.0, round(start, 3), 0.005, key=f"threshold-{run.kind}-{run.id}",
        help="Fitted on calibration images: " + ", ".join(f"{k} {v:.3f}" for k, v in named.items()),
    )  # fmt: skip
    marks = {"threshold": threshold}
    band = frozen.get("inconclusive") or {}
    marks |= {f"inconclusive range {k}": v for k, v in band.items() if isinstance(v, float) and 0 <= v <= 1}
    data = distributions.binned(rows["score"].to_numpy(), rows["label"].to_numpy(), 40, 0.0, 1.0)
    st.altair_chart(
        distributions.by_class(data, "calibrated probability of AI", marks, 260), width="stretch",
        alt="Histogram of the calibrated probability, one row for real photos and one for AI images, with the threshold.",
    )  # fmt: skip
    st.caption("Dashed: the threshold, and the inconclusive range fitted on calibration images.")
    return threshold


def matrix_and_roc(run: Run, split: str, rows, threshold: float) -> str | None:
    """Matrix and ROC at the threshold. Returns the clicked cell."""
    label, score = rows["label"].to_numpy(), rows["score"].to_numpy()
    counts = confusion(label, score, threshold)
    codes = group_codes(rows["group"].to_numpy() if "group" in rows else None, len(rows))
    false_positives = clustered_proportion((score >= threshold) & (label == 0), label == 0, codes)
    false_negatives = clustered_proportion((score < threshold) & (label == 1), label == 1, codes)
    left, right = st.columns(2)
    with left:
        st.subheader("Confusion matrix", anchor=False)
        event = st.altair_chart(
            confusion_chart.matrix(counts), on_select="rerun", key=f"matrix-{run.id}-{split}", width="stretch",
            alt=confusion_chart.describe(counts),
        )  # fmt: skip
        st.caption("Click a cell to see its images.")
        st.markdown(
            f"**False positive rate** (real photos called AI): {text.share(false_positives.to_dict())}  \n"
            f"**False negative rate** (AI images called real): {text.share(false_negatives.to_dict())}"
        )
    with right:
        st.subheader("All thresholds (ROC)", anchor=False)
        fpr, fnr = false_positives.value, false_negatives.value
        at = None if fpr is None or fnr is None else (fpr, 1 - fnr)
        st.altair_chart(
            curves.roc(roc(label, score), at), width="stretch",
            alt="ROC curve: true positive rate against false positive rate.",
        )  # fmt: skip
        block = _block(run, split)
        st.markdown(f"**AUC** {text.decimal(block.get('auc'))} on {len(rows)} images from {len(set(codes))} sources.")
        st.caption(elsewhere(run))
    picked = ((event.selection or {}).get("cell") or []) if event else []
    return picked[0].get("cell") if picked else None


def cell_images(rows, threshold: float, cell: str | None) -> None:
    """The images of one cell, most confident first."""
    options = {c[0]: f"{c[1]}, detector {c[2]}: {c[3]}" for c in confusion_chart.CELLS}
    st.subheader("Images in a cell of the matrix", anchor=False)
    index = list(options).index(cell) if cell else 1
    chosen = st.selectbox("Cell", list(options), index=index, format_func=options.get, key=f"cell-{cell}")
    truth, called_ai = chosen in ("fn", "tp"), chosen in ("fp", "tp")
    of_cell = rows[(rows["label"] == int(truth)) & ((rows["score"] >= threshold) == called_ai)]
    of_cell = of_cell.sort_values("score", ascending=not called_ai)
    if of_cell.empty:
        st.caption("No image is in this cell.")
        return
    parts.images(
        [{"path": r.filepath, "caption": f"P(AI) {r.score:.2f} {_generator(r)}".strip()} for r in of_cell.itertuples()],
        f"cell-{chosen}",
    )


def strata(rows, threshold: float) -> None:
    """Confusion matrix and error rate by generator and by source, worst first, Wilson intervals by group."""
    for column, title in (("generator", "By generator or camera"), ("source", "By data set")):
        if column not in rows or rows[column].fillna("").nunique() < 2:
            continue
        blank = rows["label"].map({0: "real, camera not stated", 1: "AI, generator not stated"})
        name = rows[column].where(rows[column].fillna("") != "", blank if column == "generator" else "not stated")
        groups = rows["group"].to_numpy() if "group" in rows else None
        table = by(rows["label"], rows["score"], name, threshold, groups)
        frame = table[["name", "n"]].rename(columns={"name": column, "n": "images"})
        frame["error rate"], frame["low"], frame["high"] = 1 - table["accuracy"], 1 - table["high"], 1 - table["low"]
        for key, truth, called, _ in confusion_chart.CELLS:
            frame[f"{truth}, {called}"] = table[key]
        st.subheader(title, anchor=False)
        shares = {c: st.column_config.NumberColumn(format="percent") for c in ("error rate", "low", "high")}
        st.dataframe(
            frame, hide_index=True, column_config=shares,
            alt=f"Confusion matrix and error rate by {column}, worst first",
        )  # fmt: skip
        st.caption("`low` and `high`: 95 % interval of the error rate (Wilson, by independent source).")


def _block(run: Run, split: str) -> dict:
    metrics = run.manifest.get("metrics") or {}
    if (name := external_name(split)) is not None:
        return next((e for e in metrics.get("external") or [] if e.get("name") == name), {})
    if run.kind == "model_b":
        variants = metrics.get("variants") or {}
        return (variants.get("content_only") or {}).get(split) or metrics.get(split) or {}
    return metrics.get(split) or {}


def _generator(row) -> str:
    generator = getattr(row, "generator", "")
    return str(generator) if isinstance(generator, str) else ""


def more_curves(rows, threshold: float) -> None:
    """rows: predictions with `label` and `score`. A message replaces a curve that needs a missing class."""
    label, score = rows["label"].to_numpy(), rows["score"].to_numpy()
    counts = confusion(label, score, threshold)
    real, ai = counts["tn"] + counts["fp"], counts["fn"] + counts["tp"]
    left, right = st.columns(2)
    with left:
        st.subheader("Precision and recall", anchor=False)
        if not ai:
            st.caption("This split has no AI images, so recall is undefined.")
        else:
            called = counts["tp"] + counts["fp"]
            at = (counts["tp"] / ai, counts["tp"] / called) if called else None
            st.altair_chart(
                curves.precision_recall(precision_recall(label, score), ai / (real + ai), at), width="stretch",
                alt="Precision against recall over all thresholds; dashed: random guessing.",
            )  # fmt: skip
            st.caption(
                f"Dashed: random guessing at this split's prevalence of AI images ({ai / (real + ai):.0%}). At a lower "
                "prevalence, precision is lower at the same threshold."
            )
    with right:
        st.subheader("Both error rates (DET)", anchor=False)
        if not (real and ai):
            st.caption("This split has only one class, so there is no trade-off between the two error rates.")
        else:
            at = (float(probit(counts["fp"] / real, real)), float(probit(counts["fn"] / ai, ai)))
            st.altair_chart(
                curves.det(det(label, score), at), width="stretch",
                alt="DET curve: false negative rate against false positive rate on probit axes; dashed: equal error rates.",
            )  # fmt: skip
            st.caption(
                "Closer to the lower left corner is better; the dashed line meets the curve at the equal error rate. The "
                "axes are probit-scaled, which enlarges the range of small error rates."
            )
