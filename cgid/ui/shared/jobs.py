"""Background jobs on pages: progress, time left, cancel, retry, log. Pages submit and watch jobs, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from cgid.errors import InputError
from cgid.jobs import store
from cgid.jobs.job import Job
from cgid.jobs.queue import queue_of
from cgid.jobs.submit import resume_pending
from cgid.schema import JobStatus
from cgid.ui.shared import parts, text

STATUS_STYLES = {
    JobStatus.QUEUED: (":material/schedule:", "gray"),
    JobStatus.RUNNING: (":material/progress_activity:", "blue"),
    JobStatus.DONE: (":material/check_circle:", "green"),
    JobStatus.FAILED: (":material/error:", "red"),
    JobStatus.CANCELLED: (":material/cancel:", "orange"),
}  # icon, colour


def submit(kind: str, params: object, after: Sequence[str] = ()) -> str | None:
    """Submit one job and show the outcome. None if the input was wrong (the message is shown)."""
    from cgid.jobs.submit import submit as hand_in

    try:
        submitted = hand_in(kind, params, after)
    except InputError as error:
        parts.problem(error)
        return None
    message = (
        "Started in the background." if submitted.new else "This job already exists (queued, running or finished)."
    )
    st.toast(message, icon=":material/check:")
    return submitted.id


def watch(
    jobs: Callable[[], list[Job]],
    key: str,
    *,
    empty: str = "",
    logs: bool = False,
    more: Callable[[Job, str], None] = lambda job, key: None,
) -> None:
    """Draw jobs and update them every second while any is alive; one full rerun when the last has ended.

    more: draws additional controls below a job.
    """
    resume_pending()
    busy = any(job.live for job in jobs())

    def live() -> None:
        rows = jobs()
        if not rows and empty:
            st.caption(empty)
        for job in rows:
            line(job, key, logs, more)
        if busy and not any(job.live for job in rows):
            st.rerun()

    st.fragment(live, run_every="1s" if busy else None)()


def line(job: Job, key: str, logs: bool = False, more: Callable[[Job, str], None] = lambda job, key: None) -> None:
    """One job: state, title, progress, actions."""
    status = JobStatus(job.status)
    icon, colour = STATUS_STYLES[status]
    with st.container(border=True):
        left, right = st.columns([5, 1], vertical_alignment="center")
        with left:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.badge(status.label, icon=icon, color=colour)
                st.markdown(f"**{job.title}** {text.code(about(job))}")
            if job.live:
                st.progress(job.fraction_done, text=progress_text(job))
            elif job.error:
                st.text(job.error)
            elif job.result and job.result.get("summary"):
                st.text(str(job.result["summary"]).replace("`", ""))
            more(job, key)
        with right:
            _actions(job, key)
        if logs:
            _log(job, key)


def about(job: Job) -> str:
    """The data set or run that the job works on, short."""
    values = job.params
    path = next((values[k] for k in ("output_dir", "output", "run", "run_manifest") if values.get(k)), "")
    parts = str(path).replace("\\", "/").rstrip("/").split("/")
    return "/".join(parts[-2:]) if parts[-1].count(".") else parts[-1]


def progress_text(job: Job) -> str:
    if job.status == "queued":
        if job.after:
            return "waiting for the previous step"
        before = queue_of(job.slot).ahead_of(job.id)
        return f"waiting, {before} {'job' if before == 1 else 'jobs'} ahead" if before else "waiting to start"
    count = f"{job.done} of {job.total}" if job.total else "starting"
    left = job.seconds_left_by_rate
    tail = f" · about {text.duration(left)} left" if left is not None else ""
    return f"{count} · {job.note}{tail}".replace(" ·  ·", " ·") if job.note else f"{count}{tail}"


def _actions(job: Job, key: str) -> None:
    if job.live:
        if job.cancel:
            st.caption("stopping")
        elif st.button("Cancel", key=f"{key}-cancel-{job.id}", icon=":material/close:"):
            store.request_cancel(job.id)
    elif job.status in ("failed", "cancelled"):
        if st.button("Try again", key=f"{key}-retry-{job.id}", icon=":material/refresh:"):
            try:
                store.retry(job.id)
            except InputError as error:
                parts.problem(error)
            else:
                st.rerun()
    else:
        st.caption(f"{text.duration(job.seconds)}, {text.ago(job.finished)}")


def _log(job: Job, key: str) -> None:
    if st.toggle("Log", key=f"{key}-log-{job.id}"):
        try:
            text = job.log.read_bytes()[-20_000:].decode("utf-8", "replace")
        except OSError:
            text = ""
        st.code(text or "no output", language=None, wrap_lines=True)
