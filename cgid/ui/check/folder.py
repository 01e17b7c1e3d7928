"""A whole folder checked in the background: the form that starts it, the running job, and the results."""

from __future__ import annotations

import re
from pathlib import Path

import streamlit as st

from cgid.files import read_json
from cgid.settings import settings
from cgid.ui.shared import jobs, parts
from cgid.ui.shared import text as shared_text
from cgid.ui.shared.load import table

KIND = "check-folder"
SHOWN = ("file", "verdict", "why", "probability_ai", "model_a", "model_b", "credentials", "error")


def show() -> None:
    """Folded; unfolded while such a job runs."""
    from cgid.jobs import store

    running = store.list_jobs(kind=KIND, status=("queued", "running"), limit=4)
    with st.expander("A whole folder, in the background", icon=":material/folder_open:", expanded=bool(running)):
        st.caption(
            "Checks every image in a folder of this computer and its subfolders, and saves a record of each. On the "
            "command line: `cgid check-folder --root DIR --output-dir DIR`."
        )
        _form()
        if running:
            jobs.watch(lambda: store.list_jobs(kind=KIND, status=("queued", "running"), limit=4), KIND)
        _results()


def _form() -> None:
    with st.form("check-folder", border=False):
        left, right = st.columns([4, 1], vertical_alignment="bottom")
        root = left.text_input("Folder", key="folder", placeholder="/home/me/pictures")
        if right.form_submit_button("Start", icon=":material/play_arrow:"):
            folder = Path(root).expanduser()
            if not root.strip() or not folder.is_absolute() or not folder.is_dir():
                parts.problem(f"{root or 'This'} is not a folder of this computer. Enter its full path.")
                return
            from cgid.records.params import CheckFolderParams

            jobs.submit(KIND, CheckFolderParams(root=folder, output_dir=settings().checks / _name(folder)))


def _name(folder: Path) -> str:
    """One result per folder, distinguished by its full path."""
    import hashlib

    readable = re.sub(r"[^A-Za-z0-9_-]+", "-", folder.name)[:40].strip("-") or "folder"
    return f"{readable}-{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:8]}"


def _results() -> None:
    done = [p.parent for p in settings().checks.glob("*/summary.json")]
    done.sort(key=lambda p: (p / "summary.json").stat().st_mtime, reverse=True)
    folder = parts.choose("Results", done, lambda p: p.name, "folder-check")
    if folder is None:
        return
    try:
        summary = read_json(folder / "summary.json")
        rows = table(folder / "checks.csv")[list(SHOWN)]
        simulated, images = bool(summary["models"].get("simulated")), int(summary["images"])
        verdicts = {v: n for v in shared_text.VERDICTS if (n := int(summary["verdicts"].get(v, 0)))}
        if not verdicts:
            raise ValueError("no verdicts")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        st.caption("This result is damaged. Run the check again.")
        return
    parts.simulated_note(simulated)
    _bar(verdicts, images)
    st.dataframe(
        rows, hide_index=True, alt=f"Verdicts on {images} images",
        column_config={c: st.column_config.NumberColumn(format="percent") for c in ("probability_ai", "model_a", "model_b")},
    )  # fmt: skip
    with st.container(horizontal=True):
        parts.download("Table (CSV)", folder / "checks.csv", "text/csv", f"csv-{folder.name}")
        parts.download("All results (JSON lines)", folder / "checks.jsonl", "application/jsonl", f"jsonl-{folder.name}")


def _bar(verdicts: dict[str, int], images: int) -> None:
    import altair as alt
    import pandas as pd

    from cgid.charts.theme import VERDICT_COLOURS

    counts = pd.DataFrame(
        [
            {"verdict": shared_text.VERDICTS[v][0], "images": n, "colour": VERDICT_COLOURS[v]}
            for v, n in verdicts.items()
        ]
    )
    order = list(counts["verdict"])
    bars = alt.Chart(counts).mark_bar().encode(
        x=alt.X("images:Q", title="images", axis=alt.Axis(tickMinStep=1)), y=alt.Y("verdict:N", sort=order, title=None),
        color=alt.Color("colour:N", scale=None), tooltip=["verdict", "images"],
    )  # fmt: skip
    text = bars.mark_text(align="left", dx=4, color="#8a97a6").encode(text="images:Q", color=alt.value("#8a97a6"))
    description = ", ".join(f"{row['images']} {row['verdict'].lower()}" for row in counts.to_dict("records"))
    st.altair_chart(
        (bars + text).properties(height=40 + 30 * len(counts)), width="stretch", alt=f"{images} images: {description}."
    )
