"""The parts of the Models page: the table of runs, promotion, a run's details, its ensemble members and its model card."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from cgid.artifacts import RUN_CARD
from cgid.charts import intervals
from cgid.runs import model_card
from cgid.runs.run import Run
from cgid.schema import external_name, external_split
from cgid.ui.shared import jobs, parts, text
from cgid.ui.shared import load as files
from cgid.ui.shared.runs import elsewhere, headline


def card(run: Run) -> None:
    """Folded. It is generated from the run's metrics, never read from a file that may have been changed."""
    text = model_card.text(run.folder, run.manifest)
    with st.expander("Model card: limitations, metrics and data on one page", icon=":material/id_card:"):
        st.markdown(text.replace("\n## ", "\n##### ").replace("# ", "#### ", 1))
    st.download_button(
        "Model card (Markdown)", text, file_name=f"{run.id}_{RUN_CARD}", mime="text/markdown", key="card",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip


def members(run: Run) -> None:
    """Nothing for a single training. Else the AUC of the ensemble and of each member, on every data set evaluated."""
    metrics = run.manifest.get("metrics") or {}
    members = (metrics.get("members") or {}).get("runs")
    if not members:
        return
    blocks = {"test": metrics.get("test") or {}}
    blocks |= {external_split(e.get("name")): e for e in metrics.get("external") or []}
    named = {split: "own test" if split == "test" else external_name(split) for split in blocks}
    rows = [{"network": "ensemble", "seed": ""}] + [{"network": m["run_id"], "seed": str(m["seed"])} for m in members]
    for row, auc in zip(rows, [{split: b.get("auc") for split, b in blocks.items()}] + [m["auc"] for m in members]):
        row |= {f"AUC on {named[split]} (95 % interval)": text.decimal(auc.get(split)) for split in blocks}
    st.subheader("Does the ensemble help?", anchor=False)
    st.dataframe(rows, hide_index=True, alt="AUC of the ensemble and of each of its networks alone")
    st.caption(
        "Where the networks differ by more than their intervals, a single training depends on chance. "
        "AUC: 0.5 is chance, 1 is perfect."
    )


def table(runs: Sequence[Run], current: Run | None) -> None:
    """The AUC of all runs as a chart, then a table with one row per run, newest first."""
    import pandas as pd

    figures_of = {run.id: headline(run).get("auc") or {} for run in runs}
    data = [
        {"plan": name, "mean": f["value"], "low": f["low"], "high": f["high"]}
        for name, f in figures_of.items()
        if f.get("value") is not None
    ]
    if data:
        st.altair_chart(
            intervals.levels(pd.DataFrame(data), "AUC on its own test images"), width="stretch",
            alt="Dot plot: AUC of each run on its own test images, with 95 % intervals.",
        )  # fmt: skip
        if len(data) > 1:
            st.caption("Each run on its own test images: compare two on the same images before choosing one.")
    rows = []
    for run in runs:
        figures = headline(run)
        rows.append({
            "run": run.id,
            "current": "current" if current and current.folder == run.folder else "",
            "data": "simulated" if run.manifest.get("simulated") else (run.manifest.get("data") or {}).get("name") or "",
            "trained": text.ago(run.created),
            "AUC (95 % interval)": text.decimal(figures.get("auc")),
            "false positive rate": text.share(figures.get("false_positive_rate")),
            "false negative rate": text.share(figures.get("false_negative_rate")),
            "test images": figures.get("n"),
            "external data": elsewhere(run),
        })  # fmt: skip
    st.dataframe(rows, hide_index=True, alt="Runs with their test metrics")


def promote(run: Run, current: Run | None) -> None:
    """Make the chosen run current."""
    from cgid.errors import InputError
    from cgid.models.onnx_model import scores_only
    from cgid.runs import store

    parts.simulated_note(bool(run.manifest.get("simulated")))
    if problem := scores_only(run.folder, run.manifest):
        st.info(problem, icon=":material/info:")
    elif current and current.folder == run.folder:
        st.success("This run is current: single images are checked with it.", icon=":material/verified:")
    elif st.button("Make this run current", type="primary", icon=":material/publish:", key="promote"):
        try:
            store.set_current(run.folder)
        except InputError as error:
            parts.problem(error)
        else:
            st.rerun()


def details(run: Run) -> None:
    """Metrics, settings, coefficients, downloads."""
    figures = headline(run)
    if figures:
        with st.container(horizontal=True):
            st.metric("AUC", text.decimal(figures.get("auc")), border=True)
            st.metric("False positive rate", text.share(figures.get("false_positive_rate")), border=True, help="real photos called AI")  # fmt: skip
            st.metric("False negative rate", text.share(figures.get("false_negative_rate")), border=True, help="AI images called real")  # fmt: skip
        st.caption(
            f"On {figures.get('n')} test images from {figures.get('groups')} independent sources. {elsewhere(run)}"
        )
    if run.manifest.get("imported"):
        st.caption(f"Imported, not trained here: {text.code(run.manifest.get('name') or run.id)}. Its training images are not known.")  # fmt: skip
    members(run)
    if run.kind == "model_b":
        _three_way(run)
        _coefficients(run)
    with st.expander("Training record", icon=":material/settings:"):
        keys: tuple[str, ...] = (
            "created",
            "config",
            "seed",
            "device",
            "seconds",
            "versions",
            "manifests",
            "weights",
            "onnx",
        )
        keys += ("detector", "predictions", "members")  # of imported runs, of averages
        st.json({k: run.manifest[k] for k in keys if k in run.manifest}, expanded=1)
    with st.container(horizontal=True):
        parts.download("Run manifest (JSON)", run.manifest_path, "application/json", "manifest")
        parts.download("ONNX model", run.onnx_path, "application/octet-stream", "onnx")
        parts.download("Thresholds (JSON)", run.thresholds_path, "application/json", "thresholds")
        parts.download("Coefficients (CSV)", run.folder / "coefficients.csv", "text/csv", "coefficients")
        if run.kind == "model_a" and not (run.exports_folder).is_dir() and st.button("Write exports/", key="exports"):
            from cgid.runs.params import ExportModelAResultsParams

            jobs.submit("export-model-a-results", ExportModelAResultsParams(run.manifest_path))


DETECTORS = {
    "rules_only": "Rules only",
    "a_only": "Model A only",
    "a_and_b_content_only": "Model B on content features, including Model A",
    "a_and_b_all": "Model B on all features, including format and metadata",
}


def _three_way(run: Run) -> None:
    """Rules only, Model A only, both in Model B, on the same images."""
    block = (run.manifest.get("metrics") or {}).get("comparison") or {}
    rows = [
        {"detector": title, "AUC (95 % interval)": text.decimal(block[key].get("auc")),
         "false positive rate": text.share(block[key].get("false_positive_rate")),
         "false negative rate": text.share(block[key].get("false_negative_rate"))}
        for key, title in DETECTORS.items() if isinstance(block.get(key), dict)
    ]  # fmt: skip
    if not rows:
        return
    st.subheader("Does fusion help?", anchor=False)
    st.dataframe(rows, hide_index=True, alt="Rules, Model A and Model B on the same test images")
    gap = (block.get("difference") or {}).get("a_and_b_minus_a_only")
    if gap and gap.get("low") is not None:
        sure = "" if gap["low"] > 0 or gap["high"] < 0 else " The interval includes zero: no significant gain."
        st.markdown(
            f"Against Model A alone the fusion changes AUC by {gap['value']:+.3f} "
            f"({gap['low']:+.3f} to {gap['high']:+.3f}) on {block.get('n')} images.{sure}"
        )


WEIGHTS = (
    ("coefficients.csv", "coefficient", "coefficient per standard deviation: left is real, right is AI"),
    ("importances.csv", "importance", "AUC lost when this feature is shuffled"),
)


def _coefficients(run: Run) -> None:
    """Weights of a linear run, or the importances of a tree run, largest first."""
    import altair as alt

    weights_file = next((w for w in WEIGHTS if (run.folder / w[0]).is_file()), None)
    if weights_file is None:
        return
    name, column, title = weights_file
    rows = files.table(run.folder / name)
    if column not in rows:
        return
    st.subheader("Most important features", anchor=False)
    top = rows.reindex(rows[column].abs().sort_values(ascending=False).index).head(20)
    bars = alt.Chart(top).mark_bar().encode(
        x=alt.X(f"{column}:Q", title=title),
        y=alt.Y("feature:N", sort=top["feature"].tolist(), title=None, axis=alt.Axis(labelLimit=260, labelOverlap=False)),
        color=alt.Color("family:N", legend=alt.Legend(orient="top"), title="family"),
        tooltip=["feature", "family", alt.Tooltip(column, format="+.3f")],
    ).properties(height=22 * len(top) + 110)  # fmt: skip
    st.altair_chart(bars, width="stretch", alt="Bars: the most important features of Model B.")
