"""Background jobs: queued, running and finished."""

import streamlit as st

from cgid.jobs import store
from cgid.ui import shell
from cgid.ui.shared import jobs, parts, session

PAGE = {
    "title": "Jobs",
    "question": "What is running in the background, how long will it take, and what went wrong?",
    "icon": ":material/list_alt:",
    "section": "Run",
    "order": 1,
}

shell.page(__file__)

KEEP = {"all": None, "running": ("queued", "running"), "failed": ("failed", "cancelled"), "done": ("done",)}
session.rename_value("show", {"under way": "running"})  # retired word
shown = st.segmented_control("Show", list(KEEP), default="all", required=True, key="show", bind="query-params")

if not store.list_jobs(limit=1):
    parts.nothing("No job has been run yet. The demo is a good start.", "overview", "Build the demo")
else:
    st.caption("Jobs continue when this window, or the whole app, is closed.")
    jobs.watch(lambda: store.list_jobs(status=KEEP[shown], limit=60), "jobs", empty="No job in this state.", logs=True)
    import csv
    import io

    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["id", "title", "status", "attempt", "done", "total", "created", "started", "finished", "error"])
    for j in store.list_jobs():
        writer.writerow(
            [j.id, j.title, j.status, j.attempt, j.done, j.total, j.created, j.started, j.finished, j.error]
        )
    st.download_button(
        "All jobs (CSV)", table.getvalue(), "jobs.csv", "text/csv", icon=":material/download:", on_click="ignore"
    )
