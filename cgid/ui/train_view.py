"""The parts of the Train page: a form for each model, and the learning curve."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import streamlit as st

from cgid.catalog import Found
from cgid.charts import curves as chart
from cgid.models.architecture import all_architectures
from cgid.models.representation import all_representations
from cgid.models.store import runs
from cgid.settings import settings
from cgid.train.params import TrainModelAParams, TrainModelBParams
from cgid.ui import jobs_view, parts
from cgid.ui import load as files
from cgid.ui.train_presets import PRESETS

AUGMENT = {"none": "Flip and shift", "web": "… and what the web does", "cnndetection": "… and blur and JPEG"}


def run_name(text: str, data: str) -> str:
    """A folder name: what was typed, else the data set and the time."""
    slug = re.sub(r"[^A-Za-z0-9_.-]+", "_", text.strip()).strip("._")[:80]
    return slug or f"{data}-{datetime.now():%Y%m%d-%H%M%S}"


def model_a(datasets: Sequence[Found]) -> None:
    """Form: data, preset, and what the preset set."""
    by_name = {d.name: d for d in datasets}
    cols = st.columns(2)
    name = cols[0].selectbox("Data set", list(by_name), format_func=lambda n: by_name[n].label, key="a-data")
    preset = cols[1].selectbox("Preset", list(PRESETS), key="a-preset")
    chosen = PRESETS[preset]
    st.caption(f"{preset}: {chosen.why}. For {chosen.data}.")
    with st.form(f"a-{preset}", border=False):
        others = st.multiselect(
            "Other data sets to be judged on (never learnt from)", [n for n in by_name if n != name],
            help="A figure on its own data says little about other data: choose at least one.",
        )  # fmt: skip
        cols = st.columns(4)
        epochs = cols[0].number_input("Epochs", 1, 500, chosen.epochs)
        batch = cols[1].number_input("Images in a step", 1, 1024, chosen.batch)
        side = cols[2].number_input("Input side in pixels", 32, 1024, chosen.side, 32)
        rate = cols[3].number_input("Learning rate", 1e-6, 1.0, chosen.rate, format="%.6f")
        cols = st.columns(4)
        fit = cols[0].selectbox("Picture becomes square", ["resize", "crop"], ["resize", "crop"].index(chosen.fit))
        known = all_architectures()
        arch = cols[1].selectbox(
            "Network", list(known), list(known).index(chosen.arch), format_func=lambda a: known[a].title
        )
        views = all_representations()
        view = cols[2].selectbox(
            "Network sees", list(views), list(views).index("rgb"), format_func=lambda v: views[v].title,
            help="\n\n".join(f"{v.title}: {v.meaning}" for v in views.values()),
        )  # fmt: skip
        augment = cols[3].selectbox(
            "Pictures are varied by", list(AUGMENT), list(AUGMENT).index(chosen.augment), format_func=AUGMENT.get,
            help="Drawn alike for real and AI images, so that it carries no label.",
        )  # fmt: skip
        cols = st.columns(4)
        patience = cols[0].number_input(
            "Patience in epochs", 0, 500, chosen.patience, help="Stop after so many without gain; 0: never."
        )
        seed = cols[1].number_input("Random seed", 0, 2**31 - 1, 2026)
        balance = cols[2].checkbox("As many of each class", help="In every epoch, whatever the data hold.")
        named = cols[3].text_input("Name of the run", placeholder="from data set and time")
        if st.form_submit_button("Train Model A", type="primary", icon=":material/play_arrow:"):
            folder = by_name[name].folder
            jobs_view.submit("train-model-a", TrainModelAParams(
                folder / "train.csv", folder / "val.csv", folder / "test.csv",
                settings().runs / "model_a" / run_name(named, name),
                tuple(by_name[o].main for o in others), arch=arch, input=view, epochs=int(epochs),
                batch_size=int(batch), image_size=int(side), fit=fit, lr=float(rate), seed=int(seed),
                augment=augment, patience=int(patience), balance=balance,
            ))  # fmt: skip


def model_b(tables: Sequence[Found]) -> None:
    """Form: feature table, estimator, what to leave out."""
    by_name = {t.name: t for t in tables}
    with st.form("b", border=False):
        cols = st.columns(3)
        name = cols[0].selectbox("Feature table", list(by_name), format_func=lambda n: by_name[n].label)
        kinds = {"linear": "Linear (can be read)", "forest": "Random forest", "boosting": "Gradient boosting"}
        kind = cols[1].selectbox("Estimator", list(kinds), format_func=kinds.get)
        named = cols[2].text_input("Name of the run", placeholder="from table and time")
        left_out = st.text_input(
            "Leave out features that begin with", placeholder="jpeg_ metadata_",
            help="A second model without container and provenance is always trained beside it: its figures come first.",
        )  # fmt: skip
        others = st.multiselect(
            "Other feature tables to be judged on (never learnt from)", list(by_name),
            help="A figure on its own data says little about other data: choose at least one.",
        )  # fmt: skip
        if st.form_submit_button("Train Model B", type="primary", icon=":material/play_arrow:"):
            jobs_view.submit("train-model-b", TrainModelBParams(
                by_name[name].main, settings().runs / "model_b" / run_name(named, name), kind,
                external_features=tuple(by_name[o].main for o in others if o != name),
                exclude_prefixes=tuple(left_out.split()),
            ))  # fmt: skip


def curves() -> None:
    """The learning curve of a run, finished or under way."""
    found: dict[str, Path] = {f"{r.kind}/{r.id}": r.folder for r in runs()}
    for path in sorted(settings().runs.glob("*/*/history.json")):
        found.setdefault(f"{path.parent.parent.name}/{path.parent.name}", path.parent)
    if not found:
        return
    st.subheader("Learning curve", anchor=False)
    name = parts.choose("Run", list(found), str, "curve")
    folder = found[name]
    history = files.document(folder / "run_manifest.json").get("history") or files.document(
        folder / "history.json"
    ).get("epochs")
    if not history:
        st.caption("This run has no epochs.")
        return
    st.altair_chart(
        chart.history(history), width="stretch", alt="Losses, and AUC on validation images, epoch by epoch."
    )
