"""The parts of the Models page: the table of runs, promotion, what a run is made of, two runs on the same images."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from cgid.charts import forest
from cgid.models.store import Run
from cgid.ui import jobs_view, parts, words
from cgid.ui import load as files
from cgid.ui.overview_view import elsewhere, headline


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
            forest.levels(pd.DataFrame(drawn), "AUC on its own test images"), width="stretch",
            alt="Dot plot: AUC of each run on its own test images, with 95 % intervals.",
        )  # fmt: skip
        if len(drawn) > 1:
            st.caption("Each run on its own test images: compare two on the same images below before you choose.")
    rows = []
    for run in runs:
        figures = headline(run)
        rows.append({
            "run": run.id,
            "current": "current" if current and current.folder == run.folder else "",
            "data": "simulated" if run.manifest.get("simulated") else (run.manifest.get("data") or {}).get("name") or "",
            "trained": words.ago(run.created),
            "AUC (95 % interval)": words.decimal(figures.get("auc")),
            "real photos wrongly accused": words.share(figures.get("false_positive_rate")),
            "AI images missed": words.share(figures.get("false_negative_rate")),
            "test images": figures.get("n"),
            "elsewhere": elsewhere(run),
        })  # fmt: skip
    st.dataframe(rows, hide_index=True, alt="Runs with their test figures")


def promote(run: Run, current: Run | None) -> None:
    """Make the chosen run current."""
    from cgid.errors import InputError
    from cgid.models import store

    parts.simulated_note(bool(run.manifest.get("simulated")))
    if current and current.folder == run.folder:
        st.success("This run is current: single images are checked with it.", icon=":material/verified:")
    elif st.button("Make this run current", type="primary", icon=":material/publish:", key="promote"):
        try:
            store.promote(run.folder)
        except InputError as error:
            parts.problem(error)
        else:
            st.rerun()


def details(run: Run) -> None:
    """Figures, settings, coefficients, downloads."""
    figures = headline(run)
    if figures:
        with st.container(horizontal=True):
            st.metric("AUC", words.decimal(figures.get("auc")), border=True)
            st.metric("Real photos wrongly accused", words.share(figures.get("false_positive_rate")), border=True, help="false positive rate")  # fmt: skip
            st.metric("AI images missed", words.share(figures.get("false_negative_rate")), border=True, help="false negative rate")  # fmt: skip
        st.caption(
            f"On {figures.get('n')} test images of {figures.get('groups')} independent sources. {elsewhere(run)}"
        )
    if run.kind == "model_b":
        _three_way(run)
        _coefficients(run)
    with st.expander("How it was made", icon=":material/settings:"):
        kept = ("created", "config", "seed", "device", "seconds", "versions", "manifests", "weights", "onnx")
        st.json({k: run.manifest[k] for k in kept if k in run.manifest}, expanded=1)
    with st.container(horizontal=True):
        parts.download("Run manifest (JSON)", run.folder / "run_manifest.json", "application/json", "manifest")
        parts.download("ONNX model", run.folder / "model.onnx", "application/octet-stream", "onnx")
        parts.download("Thresholds (JSON)", run.folder / "thresholds.json", "application/json", "thresholds")
        parts.download("Coefficients (CSV)", run.folder / "coefficients.csv", "text/csv", "coefficients")
        if (
            run.kind == "model_a"
            and not (run.folder / "exports").is_dir()
            and st.button("Write exports/", key="exports")
        ):
            from cgid.studies.params import ExportModelAResultsParams

            jobs_view.submit("export-model-a-results", ExportModelAResultsParams(run.folder / "run_manifest.json"))


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
        {"detector": words_, "AUC (95 % interval)": words.decimal(block[key].get("auc")),
         "real photos wrongly accused": words.share(block[key].get("false_positive_rate")),
         "AI images missed": words.share(block[key].get("false_negative_rate"))}
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


def compare(run: Run, runs: Sequence[Run]) -> None:
    """Two runs on the test images both have seen: paired difference and where they disagree."""
    st.subheader("Against another run, on the same images", anchor=False)
    others = [r for r in runs if r.folder != run.folder]
    other = parts.choose("Other run", others, lambda r: r.id, f"other-{run.kind}")
    try:
        mine, theirs = (files.table(r.folder / "predictions_test.parquet") for r in (run, other))
    except FileNotFoundError:
        st.caption("One of the two kept no test predictions.")
        return
    both = mine.merge(theirs[["sha256", "calibrated"]].drop_duplicates("sha256"), on="sha256", suffixes=("", "_other"))
    both = both.dropna(subset=["calibrated", "calibrated_other"])
    if both["label"].nunique() < 2:
        st.caption("The two runs have no test images of both classes in common, so they cannot be compared.")
        return
    from cgid.evaluate.comparison import compare as paired

    found = paired(both["label"].to_numpy(), both["calibrated"].to_numpy(), both["calibrated_other"].to_numpy(), both["group"].to_numpy())  # fmt: skip
    st.text(sentence(found, run.id, other.id, len(both)))
    apart = both[(both["calibrated"] >= 0.5) != (both["calibrated_other"] >= 0.5)]
    st.caption(f"They disagree on {len(apart)} of {len(both)} images.")
    parts.images(
        [{"path": r.filepath, "caption": f"{'AI' if r.label else 'real'}: {r.calibrated:.2f} / {r.calibrated_other:.2f}"} for r in apart.itertuples()],
        "disagree",
    )  # fmt: skip


def sentence(found: dict, one: str, other: str, n: int) -> str:
    """The paired difference of AUC in words."""
    delong = found["delong"]
    value, low, high = (delong.get(k) for k in ("difference", "low", "high"))
    if value is None or low is None or high is None:
        return f"On {n} common test images the difference cannot be judged."
    better = one if value > 0 else other
    sure = "" if low > 0 or high < 0 else " The interval holds zero: no difference is shown."
    return (
        f"On {n} common test images {better} is better by {abs(value):.3f} AUC "
        f"(DeLong: difference {value:+.3f}, 95 % interval {low:+.3f} to {high:+.3f}).{sure}"
    )
