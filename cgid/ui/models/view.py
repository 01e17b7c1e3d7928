"""The parts of the Models page: the table of runs, promotion, what a run is made of.

A run's model card: to read in the page and to take along.

What an average of runs is worth beside the trainings it was made of.
"""

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
    """Below a fold. It is made anew from the run's figures, never read from a file somebody may have changed."""
    text = model_card.text(run.folder, run.manifest)
    with st.expander("Model card: limits, figures, data on one page", icon=":material/id_card:"):
        st.markdown(text.replace("\n## ", "\n##### ").replace("# ", "#### ", 1))
    st.download_button(
        "Model card (Markdown)", text, file_name=f"{run.id}_{RUN_CARD}", mime="text/markdown", key="card",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip


def alone(run: Run) -> None:
    """Nothing for a single training. Else each network's AUC beside the average's, on every data set judged."""
    metrics = run.manifest.get("metrics") or {}
    members = (metrics.get("members") or {}).get("runs")
    if not members:
        return
    blocks = {"test": metrics.get("test") or {}}
    blocks |= {external_split(e.get("name")): e for e in metrics.get("external") or []}
    named = {split: "own test" if split == "test" else external_name(split) for split in blocks}
    rows = [{"network": "average", "seed": ""}] + [{"network": m["run_id"], "seed": str(m["seed"])} for m in members]
    for row, auc in zip(rows, [{split: b.get("auc") for split, b in blocks.items()}] + [m["auc"] for m in members]):
        row |= {f"AUC on {named[split]} (95 % interval)": text.decimal(auc.get(split)) for split in blocks}
    st.subheader("Is the average worth it?", anchor=False)
    st.dataframe(rows, hide_index=True, alt="AUC of the average and of each of its networks alone")
    st.caption(
        "Where the networks part more than their intervals say, a single training was luck, good or bad. "
        "AUC: 0.5 is chance, 1 is perfect."
    )


def table(runs: Sequence[Run], current: Run | None) -> None:
    """One line a run in a picture, then one row a run, newest first."""
    import pandas as pd

    figures_of = {run.id: headline(run).get("auc") or {} for run in runs}
    drawn = [
        {"plan": name, "mean": f["value"], "low": f["low"], "high": f["high"]}
        for name, f in figures_of.items()
        if f.get("value") is not None
    ]
    if drawn:
        st.altair_chart(
            intervals.levels(pd.DataFrame(drawn), "AUC on its own test images"), width="stretch",
            alt="Dot plot: AUC of each run on its own test images, with 95 % intervals.",
        )  # fmt: skip
        if len(drawn) > 1:
            st.caption("Each run on its own test images: compare two on the same images before you choose.")
    rows = []
    for run in runs:
        figures = headline(run)
        rows.append({
            "run": run.id,
            "current": "current" if current and current.folder == run.folder else "",
            "data": "simulated" if run.manifest.get("simulated") else (run.manifest.get("data") or {}).get("name") or "",
            "trained": text.ago(run.created),
            "AUC (95 % interval)": text.decimal(figures.get("auc")),
            "real photos wrongly accused": text.share(figures.get("false_positive_rate")),
            "AI images missed": text.share(figures.get("false_negative_rate")),
            "test images": figures.get("n"),
            "elsewhere": elsewhere(run),
        })  # fmt: skip
    st.dataframe(rows, hide_index=True, alt="Runs with their test figures")


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
    """Figures, settings, coefficients, downloads."""
    figures = headline(run)
    if figures:
        with st.container(horizontal=True):
            st.metric("AUC", text.decimal(figures.get("auc")), border=True)
            st.metric("Real photos wrongly accused", text.share(figures.get("false_positive_rate")), border=True, help="false positive rate")  # fmt: skip
            st.metric("AI images missed", text.share(figures.get("false_negative_rate")), border=True, help="false negative rate")  # fmt: skip
        st.caption(
            f"On {figures.get('n')} test images of {figures.get('groups')} independent sources. {elsewhere(run)}"
        )
    if run.manifest.get("imported"):
        st.caption(f"Imported, not trained here: {text.code(run.manifest.get('name') or run.id)}. Its training images are not known.")  # fmt: skip
    alone(run)
    if run.kind == "model_b":
        _three_way(run)
        _coefficients(run)
    with st.expander("How it was made", icon=":material/settings:"):
        kept = ("created", "config", "seed", "device", "seconds", "versions", "manifests", "weights", "onnx")
        kept += ("detector", "predictions", "members")  # of imported runs, of averages
        st.json({k: run.manifest[k] for k in kept if k in run.manifest}, expanded=1)
    with st.container(horizontal=True):
        parts.download("Run manifest (JSON)", run.manifest_path, "application/json", "manifest")
        parts.download("ONNX model", run.onnx_path, "application/octet-stream", "onnx")
        parts.download("Thresholds (JSON)", run.thresholds_path, "application/json", "thresholds")
        parts.download("Coefficients (CSV)", run.folder / "coefficients.csv", "text/csv", "coefficients")
        if run.kind == "model_a" and not (run.exports_folder).is_dir() and st.button("Write exports/", key="exports"):
            from cgid.runs.params import ExportModelAResultsParams

            jobs.submit("export-model-a-results", ExportModelAResultsParams(run.manifest_path))


ARMS = {
    "rules_only": "Rules only",
    "a_only": "Model A only",
    "a_and_b_content_only": "Model B on content, Model A included",
    "a_and_b_all": "Model B on everything, format and metadata included",
}


def _three_way(run: Run) -> None:
    """Rules only, Model A only, both in Model B, on the same images."""
    block = (run.manifest.get("metrics") or {}).get("comparison") or {}
    rows = [
        {"detector": words_, "AUC (95 % interval)": text.decimal(block[key].get("auc")),
         "real photos wrongly accused": text.share(block[key].get("false_positive_rate")),
         "AI images missed": text.share(block[key].get("false_negative_rate"))}
        for key, words_ in ARMS.items() if isinstance(block.get(key), dict)
    ]  # fmt: skip
    if not rows:
        return
    st.subheader("Is the fusion worth it?", anchor=False)
    st.dataframe(rows, hide_index=True, alt="Rules, Model A and Model B on the same test images")
    gap = (block.get("difference") or {}).get("a_and_b_minus_a_only")
    if gap and gap.get("low") is not None:
        sure = "" if gap["low"] > 0 or gap["high"] < 0 else " The interval holds zero: no gain is shown."
        st.markdown(
            f"Against Model A alone the fusion changes AUC by {gap['value']:+.3f} "
            f"({gap['low']:+.3f} to {gap['high']:+.3f}) on {block.get('n')} images.{sure}"
        )


WEIGHTS = (
    ("coefficients.csv", "coefficient", "weight per standard deviation: left speaks for real, right for AI"),
    ("importances.csv", "importance", "AUC lost when this feature is shuffled"),
)


def _coefficients(run: Run) -> None:
    """Weights of a linear run, or the importances of a tree run, largest first."""
    import altair as alt

    found = next((w for w in WEIGHTS if (run.folder / w[0]).is_file()), None)
    if found is None:
        return
    name, column, title = found
    rows = files.table(run.folder / name)
    if column not in rows:
        return
    st.subheader("What weighs most", anchor=False)
    top = rows.reindex(rows[column].abs().sort_values(ascending=False).index).head(20)
    bars = alt.Chart(top).mark_bar().encode(
        x=alt.X(f"{column}:Q", title=title),
        y=alt.Y("feature:N", sort=top["feature"].tolist(), title=None, axis=alt.Axis(labelLimit=260, labelOverlap=False)),
        color=alt.Color("family:N", legend=alt.Legend(orient="top"), title="family"),
        tooltip=["feature", "family", alt.Tooltip(column, format="+.3f")],
    ).properties(height=22 * len(top) + 110)  # fmt: skip
    st.altair_chart(bars, width="stretch", alt="Bars: what weighs most in Model B.")
