"""Results: is the probability calibrated, and the errors at each fixed threshold on these images."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cgid.charts import curves as points_chart
from cgid.charts import curves as reliability_chart
from cgid.evaluate.calibration import ece_by_chance, reliability
from cgid.evaluate.operating_points import ABSTAIN_KEY, operating_points
from cgid.runs.run import Run
from cgid.schema import split_label
from cgid.ui.shared import load as files
from cgid.ui.shared import text

NAMES = {
    "balanced": "Balanced",
    "real_accuracy_95": "Real accuracy ≥ 95 %",
    "f1": "Best F1",
    ABSTAIN_KEY: "Inconclusive range",
}
CRITERIA = {
    "balanced": "highest balanced accuracy on the calibration images",
    "real_accuracy_95": "lowest threshold with a false positive rate of at most 5 % on the calibration images",
    "f1": "highest F1 for AI images on the calibration images",
    ABSTAIN_KEY: "the verdicts of the Check page: likely real, inconclusive, likely AI",
}
FEW_IMAGES = 100  # with fewer a reliability diagram is coarse


COLUMN_TITLES = {
    "says AI at": "calls AI from",
    "wrongly accuses": "false positives",
    "misses": "false negatives",
    "leaves open": "inconclusive",
    "chosen as": "criterion",
}  # of the columns of the CSV


def calibration(run: Run, split: str, rows) -> None:
    """rows: predictions of the split with `label` and `score`."""
    if rows.empty:
        return
    _reliability(run, split, rows)
    _operating_points(run, split, rows)


def _reliability(run: Run, split: str, rows) -> None:
    import pandas as pd

    st.subheader("Is the probability calibrated?", anchor=False)
    groups = rows["group"].to_numpy() if "group" in rows else None
    series = {reliability_chart.CALIBRATED: rows["score"]}
    if not (rows["probability"] - rows["score"]).abs().max() < 1e-9:
        series[reliability_chart.RAW] = rows["probability"]
    tables = {name: reliability(rows["label"], p, groups=groups) for name, p in series.items()}
    picture, text_column = st.columns(2)
    with picture:
        st.altair_chart(
            reliability_chart.reliability(tables), width="stretch",
            alt="Reliability diagram: predicted probability of AI against the observed frequency, in bins of equally many "
            "images, with intervals.",
        )  # fmt: skip
        st.altair_chart(
            reliability_chart.counts(tables[reliability_chart.CALIBRATED]), width="stretch",
            alt="Bars: the number of images in each bin.",
        )  # fmt: skip
    with text_column:
        _in_figures(run, split, rows, series, groups)
    table = pd.DataFrame([{"probability of": n, **row} for n, t in tables.items() for row in t])
    st.download_button(
        "Reliability (CSV)", table.to_csv(index=False), f"{run.id}_{split}_reliability.csv", "text/csv",
        key="reliability", icon=":material/download:", on_click="ignore",
    )  # fmt: skip


def _in_figures(run: Run, split: str, rows, series: dict[str, Any], groups) -> None:
    path = run.predictions_path(split)
    stamp = (str(path), path.stat().st_mtime_ns)
    with st.spinner("Bootstrapping the intervals"):
        figures = {n: _figures(stamp, n, rows[["label"]].assign(p=p, group=groups)) for n, p in series.items()}
    for name in series:
        st.markdown(
            f"**{name.capitalize()}**: expected calibration error (ECE) {text.decimal(figures[name]['ece'])}, "
            f"Brier score {text.decimal(figures[name]['brier'])}"
        )
    chance = ece_by_chance(rows["score"])
    few = " With so few images the diagram is coarse." if len(rows) < FEW_IMAGES else ""
    st.caption(
        "Dashed: perfect calibration, where 70 % of the images given 70 % are AI. The bins hold about equally many images, "
        "equal probabilities together; whiskers: 95 % interval (Wilson, by independent source). A perfectly calibrated "
        f"detector would show an ECE of about {chance:.2f} on these {len(rows)} images by chance alone.{few}"
    )


@st.cache_data(max_entries=32, ttl=3600, show_spinner=False)
def _figures(stamp: tuple[str, int], name: str, _rows) -> dict[str, Any]:
    from cgid.evaluate.metrics import summary

    return summary(_rows["label"], _rows["p"], groups=_rows["group"])


def _operating_points(run: Run, split: str, rows) -> None:
    import pandas as pd

    frozen = files.document(run.thresholds_path)
    groups = rows["group"].to_numpy() if "group" in rows else None
    points = operating_points(rows["label"], rows["score"], frozen, groups)
    if not points:
        return
    st.subheader("Errors at each fixed threshold (operating points)", anchor=False)
    data = pd.DataFrame([
        {"point": NAMES[p["point"]], "error": title, **p[key]}
        for p in points for key, title in points_chart.ERRORS.items() if p[key]["value"] is not None
    ])  # fmt: skip
    if len(data):
        st.altair_chart(
            points_chart.operating_points(data), width="stretch",
            alt="Dot plot: false positive rate and false negative rate at each fixed threshold, with intervals.",
        )  # fmt: skip
    table = pd.DataFrame([_table_row(p) for p in points])
    st.dataframe(
        table,
        hide_index=True,
        column_config=COLUMN_TITLES,
        alt="False positives and false negatives at each fixed threshold",
    )
    held = (frozen.get("calibrated_on") or {}).get("n")
    st.caption(
        f"Fitted once, on {held or 'the'} calibration images, and fixed since; the rates are those of the images selected "
        f"above ({split_label(split)}), with 95 % intervals (Wilson, by independent source)."
    )
    st.download_button(
        "Operating points (CSV)", table.to_csv(index=False), f"{run.id}_{split}_operating_points.csv", "text/csv",
        key="operating", icon=":material/download:", on_click="ignore",
    )  # fmt: skip


def _table_row(point: dict[str, Any]) -> dict[str, str]:
    threshold = point["from"]
    calls_ai = "never" if threshold > 1 else f"{threshold:.3f} and above"
    if point["point"] == ABSTAIN_KEY:
        calls_ai += f"; real below {point['to']:.3f}"
    left = "none"
    if "open_real" in point:
        left = f"{_of(point['open_real'], 'real photos')}; {_of(point['open_ai'], 'AI images')}"
    return {
        "operating point": NAMES[point["point"]],
        "says AI at": calls_ai,
        "wrongly accuses": _of(point["accused"], "real photos"),
        "misses": _of(point["missed"], "AI images"),
        "leaves open": left,
        "chosen as": CRITERIA[point["point"]],
    }


def _of(share: dict[str, Any], what: str) -> str:
    return f"no {what} here" if share["value"] is None else f"{text.share(share)} of {share['n']} {what}"
