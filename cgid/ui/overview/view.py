"""The parts of the Overview page: the current models, the next step, and the button that builds the demo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from cgid import artifacts
from cgid.errors import InputError
from cgid.jobs.job import Job
from cgid.runs.run import Run
from cgid.ui import shell
from cgid.ui.shared import parts, text
from cgid.ui.shared.runs import elsewhere, headline


def start_demo() -> None:
    """The button, and the number of images."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        pressed = st.button("Build the demo", type="primary", icon=":material/play_arrow:", key="build-demo")
        count = st.number_input(
            "Images per data set",
            80,
            4000,
            800,
            40,
            key="demo-count",
            width=200,
            help="Fewer images are faster but give wider intervals.",
        )
    if not pressed:
        return
    from cgid.jobs.submit import submit_chain
    from cgid.pipelines.demo import chain

    try:
        submit_chain(chain(int(count)))
    except InputError as error:
        parts.problem(error)
        return
    st.rerun()


def next_step(runs: Mapping[str, Run | None], jobs: Sequence[Job]) -> None:
    """The next step, in a sentence with its link."""
    if any(job.live for job in jobs):
        st.markdown("**Jobs are running.** Pages fill as each step finishes; you may close this window.")
    elif not artifacts.datasets():
        shell.link("data", "Next: add images")
    elif not artifacts.feature_tables():
        shell.link("features", "Next: extract forensic features")
    elif not all(runs.values()):
        shell.link("train", "Next: train and promote Model A and Model B")
    else:
        shell.link("check", "Check an image")
        shell.link("leakage", "Does a single feature leak the label?")
        shell.link("results", "Where is the detector wrong?")


def model_card(title: str, run: Run | None, problem: str | None) -> None:
    """The current run and its error rates on its test split."""
    with st.container(border=True, height="stretch"):
        st.subheader(title, anchor=False)
        if problem:
            st.warning(problem, icon=":material/warning:")
        if run is None:
            parts.nothing("No run has been promoted yet.", "models", "Choose one")
            return
        figures = headline(run)
        with st.container(horizontal=True):
            if run.manifest.get("simulated"):
                st.badge("simulated data", icon=":material/science:", color="gray")
            st.markdown(f"Run {text.code(run.id)}, trained {text.ago(run.created)}")
        if not figures:
            st.caption("This run has no test metrics.")
            return
        cols = st.columns(2)
        cols[0].metric("False positive rate", text.percent(_value(figures, "false_positive_rate")),
                       help="real photos called AI, on the test images")  # fmt: skip
        cols[1].metric("False negative rate", text.percent(_value(figures, "false_negative_rate")),
                       help="AI images called real, on the test images")  # fmt: skip
        st.caption(
            f"With 95 % intervals: real photos called AI {text.share(figures.get('false_positive_rate'))}, AI images "
            f"called real {text.share(figures.get('false_negative_rate'))}, AUC {text.decimal(figures.get('auc'))}; "
            f"{figures.get('n', 0)} test images from {figures.get('groups', '?')} sources."
        )
        st.caption(elsewhere(run))


def _value(figures: Mapping, key: str) -> float | None:
    return (figures.get(key) or {}).get("value")
