"""The part of the Models page that imports an external detector: its scores, or the detector itself as ONNX."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from cgid.artifacts import Artifact
from cgid.external.params import SCORES, ImportDetectorParams, ImportPredictionsParams
from cgid.settings import settings
from cgid.ui.shared import jobs, parts
from cgid.ui.shared.runs import run_name

WAYS = ("Scores (CSV or Parquet)", "Detector (ONNX and sidecar)")
SIDECAR = """{"input_size": 224, "fit": "resize", "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225],
 "range": 1, "channel_order": "rgb", "layout": "nchw", "output": "softmax", "index": 1, "positive_class": "ai"}"""


def import_form(datasets: Sequence[Artifact]) -> None:
    """The form, folded: the files, and the data set for the evaluation."""
    with st.expander("Evaluate an external detector", icon=":material/input:"):
        split = {
            d.name: d for d in datasets if all((d.folder / f"{s}.csv").is_file() for s in ("val", "test", "split"))
        }
        if not split:
            parts.nothing("An external detector is evaluated on a data set with splits.", "data", "Add images")
            return
        way = st.segmented_control("What do you have?", WAYS, default=WAYS[0], required=True, key="import-way")
        with st.form("import", border=False):
            (_scores if way == WAYS[0] else _detector)(split)


def _scores(split: dict[str, Artifact]) -> None:
    file = st.text_input(
        "Scores file on this computer", placeholder="/path/to/scores.csv",
        help="Columns: filepath or sha256, and score; label, source and generator may follow.",
    )  # fmt: skip
    cols = st.columns(3)
    data = cols[0].selectbox("Data set", list(split), format_func=lambda n: split[n].label)
    score = cols[1].selectbox("Score type", SCORES, help="probability of AI from 0 to 1, or its log odds")
    named = cols[2].text_input("Name of the detector", placeholder="from data set and time")
    if st.form_submit_button("Import the scores", type="primary", icon=":material/input:") and _given(file):
        jobs.submit("import-predictions", ImportPredictionsParams(
            _path(file), split[data].main, settings().runs / "model_a" / run_name(named, data), named.strip(), score,
        ))  # fmt: skip


def _detector(split: dict[str, Artifact]) -> None:
    cols = st.columns(2)
    onnx = cols[0].text_input("ONNX file on this computer", placeholder="/path/to/detector.onnx")
    sidecar = cols[1].text_input("Sidecar (JSON) on this computer", placeholder="/path/to/detector.json")
    st.caption("The sidecar describes the model's input and output, for example:")
    st.code(SIDECAR, language="json")
    cols = st.columns(3)
    data = cols[0].selectbox("Data set", list(split), format_func=lambda n: split[n].label)
    others = cols[1].multiselect("External test sets", [n for n in split if n != data])
    named = cols[2].text_input("Name of the detector", placeholder="from data set and time")
    if st.form_submit_button("Import the detector", type="primary", icon=":material/input:") and _given(onnx, sidecar):
        folder = split[data].folder
        jobs.submit("import-detector", ImportDetectorParams(
            _path(onnx), _path(sidecar), folder / "val.csv", folder / "test.csv",
            settings().runs / "model_a" / run_name(named, data), tuple(split[o].main for o in others), named.strip(),
        ))  # fmt: skip


def _path(text: str) -> Path:
    return Path(os.path.expanduser(text.strip()))


def _given(*files: str) -> bool:
    """Whether each path is a file; shows an error for one that is not."""
    for file in files:
        if not file.strip() or not _path(file).is_file():
            parts.problem(f"There is no file “{file.strip()}” on this computer.")
            return False
    return True
