"""The parts of the Compare page: verdict, differences, agreement, and the images on which two runs part."""

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

SHOWN = 240  # images in the gallery; the download has all


def common_splits(a: Run, b: Run) -> list[str]:
    """Splits of which both kept predictions, test first."""
    other = set(splits(b))
    return [split for split in splits(a) if split in other]


def judged(a: Run, b: Run, split: str) -> tuple[Any, dict[str, Any]]:
    """(images, figures) as `cgid compare-runs` writes them, kept as long as the files are the same."""
    files = [r.folder / name for r in (a, b) for name in (predictions_file(split), RUN_THRESHOLDS)]
    stamps = tuple((str(f), f.stat().st_mtime_ns, f.stat().st_size) if f.is_file() else (str(f), 0, 0) for f in files)
    return _judged(str(a.folder), str(b.folder), split, stamps)


@st.cache_data(max_entries=8, ttl=3600, show_spinner="Comparing image by image…")
def _judged(a: str, b: str, split: str, stamps: tuple) -> tuple[Any, dict[str, Any]]:
    from cgid.runs.compare import compared

    return compared(models.load_run(a), models.load_run(b), split)


def verdict(found: Mapping[str, Any]) -> None:
    """The answer first, then what it stands on."""
    st.subheader(text.literal(found["verdict"]), anchor=False)
    if found["at_thresholds"]:
        st.text(found["at_thresholds"])
    st.text(
        f"{found['n']} images judged by both ({found['n_real']} real, {found['n_ai']} AI) of {found['groups']} "
        f"independent sources. {found['a']['name']} calls AI from {found['a']['threshold']:.3f} on, "
        f"{found['b']['name']} from {found['b']['threshold']:.3f}: their own frozen thresholds."
    )
    for warning in found["warnings"]:
        st.warning(text.literal(warning), icon=":material/warning:")
    left = found["left_out"]
    if any(left.values()):
        st.caption(
            f"Left out: {left['only_in_a']} images only the first run judged, {left['only_in_b']} only the second, "
            f"{left['labels_contradict']} on whose label they contradict each other."
        )


def figures(found: Mapping[str, Any]) -> None:
    """Forest plot of the differences beside the matrix of who is right."""
    first, second = found["a"]["name"], found["b"]["name"]
    left, right = st.columns(2)
    with left:
        st.subheader("What differs", anchor=False)
        rows = compare.rows(found)
        if rows:
            st.altair_chart(
                intervals.paired_differences(rows, second), width="stretch",
                alt="Dot plot: differences of the figures between the two runs, with 95 % intervals.",
            )  # fmt: skip
        st.caption(
            f"AUC twice: by DeLong's formula ({compare.p_words(found['auc']['p'])}) and by a bootstrap; both count "
            "images of one source together. The rest: bootstrap, each run at its own threshold."
        )
    with right:
        st.subheader("Who is right", anchor=False)
        counts = found["agreement"]
        st.altair_chart(
            intervals.agreement(counts["all"], first, second), width="stretch",
            alt="Matrix of images: the first run right or wrong against the second run right or wrong.",
        )  # fmt: skip
        st.text(compare.mcnemar_words(found))
        kappa = "" if counts["kappa"] is None else f" (Cohen's kappa {counts['kappa']:.2f})"
        st.caption(f"They give the same answer on {text.percent(counts['agree'])} of the images{kappa}.")


def by_class(found: Mapping[str, Any]) -> None:
    """Real photographs first: a false accusation is the worse error."""
    first, second = found["a"]["name"], found["b"]["name"]
    titles = {
        "both_right": "both right",
        "only_a_wrong": f"only {first} wrong",
        "only_b_wrong": f"only {second} wrong",
        "both_wrong": "both wrong",
    }
    table = [
        {"images": name} | {titles[k]: n for k, n in found["agreement"][part].items()}
        for part, name in (("real", "Real photos"), ("ai", "AI images"))
    ]
    st.dataframe(table, hide_index=True, alt="Who is right, for real photos and for AI images")


def gallery(images, found: Mapping[str, Any]) -> None:
    """Where they differ most, or where one or both are wrong."""
    first, second = found["a"]["name"], found["b"]["name"]
    st.subheader("Images on which they part", anchor=False)
    counts = found["agreement"]["all"]
    kinds = {
        "apart": "furthest apart",
        "only_a_wrong": f"only {first} wrong ({counts['only_a_wrong']})",
        "only_b_wrong": f"only {second} wrong ({counts['only_b_wrong']})",
        "both_wrong": f"both wrong ({counts['both_wrong']})",
    }
    kind = st.selectbox("Show", list(kinds), format_func=kinds.get, key="part")
    mine = images if kind == "apart" else images[images["outcome"] == kind]
    if mine.empty:
        st.caption("No image.")
        return
    st.caption("Those whose two probabilities of AI lie furthest apart come first; the numbers are first / second run.")
    shown = [
        {"path": r.filepath, "caption": f"{'AI' if r.label else 'real'}: {r.score_a:.2f} / {r.score_b:.2f}\n{_of(r)}".strip()}
        for r in mine.head(SHOWN).itertuples()
    ]  # fmt: skip
    parts.images(shown, f"part-{kind}")


def downloads(images, found: Mapping[str, Any]) -> None:
    """The files `cgid compare-runs` writes."""
    made = (
        ("Summary (Markdown)", "comparison.md", "text/markdown", lambda: compare.page_of(found)),
        ("All figures (JSON)", "comparison_summary.json", "application/json", lambda: json.dumps(found, indent=1)),
        ("Every image (CSV)", "compared_images.csv", "text/csv", lambda: images.to_csv(index=False)),
    )
    st.subheader("Take it with you", anchor=False)
    with st.container(horizontal=True):
        for label, name, mime, content in made:
            st.download_button(
                label, content, file_name=name, mime=mime, key=name, icon=":material/download:", on_click="ignore"
            )


def _of(row) -> str:
    for value in (row.generator, row.source):
        if isinstance(value, str) and value:
            return value
    return ""
