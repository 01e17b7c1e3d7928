"""The parts of the Compare page: verdict, differences, agreement, and the images on which two runs disagree."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from cgid.artifacts import RUN_THRESHOLDS, predictions_file
from cgid.charts import intervals
from cgid.runs import compare
from cgid.runs import store as models
from cgid.runs.run import Run
from cgid.ui.shared import parts, text
from cgid.ui.shared.runs import splits

MAX_IMAGES = 240  # images in the gallery; the download has all


def common_splits(a: Run, b: Run) -> list[str]:
    """Splits with stored predictions of both runs, test first."""
    other = set(splits(b))
    return [split for split in splits(a) if split in other]


def comparison(a: Run, b: Run, split: str) -> tuple[Any, dict[str, Any]]:
    """(images, metrics) as `cgid runs compare` writes them, cached as long as the files are the same."""
    files = [r.folder / name for r in (a, b) for name in (predictions_file(split), RUN_THRESHOLDS)]
    stamps = tuple((str(f), f.stat().st_mtime_ns, f.stat().st_size) if f.is_file() else (str(f), 0, 0) for f in files)
    return _compared(str(a.folder), str(b.folder), split, stamps)


@st.cache_data(max_entries=8, ttl=3600, show_spinner="Comparing image by image…")
def _compared(a: str, b: str, split: str, stamps: tuple) -> tuple[Any, dict[str, Any]]:
    from cgid.runs.compare import comparison_of

    return comparison_of(models.load_run(a), models.load_run(b), split)


def verdict(result: Mapping[str, Any]) -> None:
    """The verdict first, then its basis."""
    st.subheader(text.literal(result["verdict"]), anchor=False)
    if result["at_thresholds"]:
        st.text(result["at_thresholds"])
    st.text(
        f"{result['n']} images evaluated by both ({result['n_real']} real, {result['n_ai']} AI) from {result['groups']} "
        f"independent sources. {result['a']['name']} calls AI from {result['a']['threshold']:.3f}, "
        f"{result['b']['name']} from {result['b']['threshold']:.3f}: their own fixed thresholds."
    )
    for warning in result["warnings"]:
        st.warning(text.literal(warning), icon=":material/warning:")
    left = result["left_out"]
    if any(left.values()):
        st.caption(
            f"Left out: {left['only_in_a']} images evaluated only by the first run, {left['only_in_b']} only by the second, "
            f"{left['labels_contradict']} with contradicting labels."
        )


def differences(result: Mapping[str, Any]) -> None:
    """Forest plot of the differences, and the matrix of agreement."""
    first, second = result["a"]["name"], result["b"]["name"]
    left, right = st.columns(2)
    with left:
        st.subheader("Differences", anchor=False)
        rows = compare.rows(result)
        if rows:
            st.altair_chart(
                intervals.paired_differences(rows, second), width="stretch",
                alt="Dot plot: differences of the metrics between the two runs, with 95 % intervals.",
            )  # fmt: skip
        st.caption(
            f"AUC is tested twice: by DeLong's method ({compare.p_text(result['auc']['p'])}) and by a bootstrap, both "
            "clustered by source. Other metrics: bootstrap, each run at its own threshold."
        )
    with right:
        st.subheader("Agreement", anchor=False)
        counts = result["agreement"]
        st.altair_chart(
            intervals.agreement(counts["all"], first, second), width="stretch",
            alt="Matrix of images: the first run right or wrong against the second run right or wrong.",
        )  # fmt: skip
        st.text(compare.mcnemar_text(result))
        kappa = "" if counts["kappa"] is None else f" (Cohen's kappa {counts['kappa']:.2f})"
        st.caption(f"They agree on {text.percent(counts['agree'])} of the images{kappa}.")


def by_class(result: Mapping[str, Any]) -> None:
    """Real photos first: a false positive is the worse error."""
    first, second = result["a"]["name"], result["b"]["name"]
    titles = {
        "both_right": "both right",
        "only_a_wrong": f"only {first} wrong",
        "only_b_wrong": f"only {second} wrong",
        "both_wrong": "both wrong",
    }
    table = [
        {"images": name} | {titles[k]: n for k, n in result["agreement"][part].items()}
        for part, name in (("real", "Real photos"), ("ai", "AI images"))
    ]
    st.dataframe(
        table, hide_index=True, alt="Right and wrong predictions of both runs, for real photos and for AI images"
    )


def gallery(images, result: Mapping[str, Any]) -> None:
    """The images with the largest difference, or on which one or both runs are wrong."""
    first, second = result["a"]["name"], result["b"]["name"]
    st.subheader("Images on which they disagree", anchor=False)
    counts = result["agreement"]["all"]
    kinds = {
        "apart": "largest difference",
        "only_a_wrong": f"only {first} wrong ({counts['only_a_wrong']})",
        "only_b_wrong": f"only {second} wrong ({counts['only_b_wrong']})",
        "both_wrong": f"both wrong ({counts['both_wrong']})",
    }
    kind = st.selectbox("Show", list(kinds), format_func=kinds.get, key="part")
    rows = images if kind == "apart" else images[images["outcome"] == kind]
    if rows.empty:
        st.caption("No image.")
        return
    st.caption("Largest difference between the two probabilities of AI first; the numbers are first / second run.")
    shown = [
        {"path": r.filepath, "caption": f"{'AI' if r.label else 'real'}: {r.score_a:.2f} / {r.score_b:.2f}\n{_origin(r)}".strip()}
        for r in rows.head(MAX_IMAGES).itertuples()
    ]  # fmt: skip
    parts.images(shown, f"part-{kind}")


def downloads(images, result: Mapping[str, Any]) -> None:
    """The files `cgid runs compare` writes."""
    files = (
        ("Summary (Markdown)", "comparison.md", "text/markdown", lambda: compare.page_of(result)),
        ("All metrics (JSON)", "comparison_summary.json", "application/json", lambda: json.dumps(result, indent=1)),
        ("All images (CSV)", "compared_images.csv", "text/csv", lambda: images.to_csv(index=False)),
    )
    st.subheader("Download", anchor=False)
    with st.container(horizontal=True):
        for label, name, mime, content in files:
            st.download_button(
                label, content, file_name=name, mime=mime, key=name, icon=":material/download:", on_click="ignore"
            )


def _origin(row) -> str:
    for value in (row.generator, row.source):
        if isinstance(value, str) and value:
            return value
    return ""
