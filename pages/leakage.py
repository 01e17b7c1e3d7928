"""Does a single feature, or a family of features, leak the label?"""

import streamlit as st

from cgid import artifacts
from cgid.artifacts import CLEANED_MANIFEST, LEAKAGE_HTML, LEAKAGE_MARKDOWN, LEAKAGE_SUMMARY
from cgid.audit.params import AuditParams
from cgid.jobs import store
from cgid.settings import settings
from cgid.ui import shell
from cgid.ui.leakage import format_study
from cgid.ui.leakage.tables import gate, leaking_pair, near_duplicates, tables
from cgid.ui.leakage.view import checks, families, feature, ranking, verdict
from cgid.ui.shared import jobs, parts
from cgid.ui.shared import load as files

PAGE = {
    "title": "Leakage",
    "question": "Did the detector learn to recognise AI images, or only the file format they came in?",
    "icon": ":material/plumbing:",
    "section": "Evaluate",
    "order": 2,
}

shell.page(__file__)

measured = {t.name: t for t in artifacts.feature_tables()}
audits = artifacts.audits()
with st.expander("Audit a feature table", expanded=bool(measured) and not audits, icon=":material/add:"):
    if measured:
        with st.form("audit"):
            name = st.selectbox("Feature table", list(measured), format_func=lambda n: measured[n].label)
            draws = st.number_input("Bootstrap resamples for the intervals", 0, 5000, 200, 50)
            cleaned = settings().manifests / name / CLEANED_MANIFEST
            known = cleaned if cleaned.is_file() else None
            if st.form_submit_button("Audit", icon=":material/play_arrow:"):
                jobs.submit(
                    "audit", AuditParams(measured[name].main, settings().audits / name, int(draws), manifest=known)
                )
    else:
        parts.nothing("There is no feature table yet.", "features", "Extract forensic features")


jobs.watch(lambda: store.list_jobs(kind="audit", status=("queued", "running"), limit=4), "audits")

if not audits:
    parts.nothing(
        "No audit has been run yet. The demo has one data set that leaks and one that does not.",
        "overview",
        "Build the demo",
    )
    st.stop()

audit = parts.choose("Audit", audits, lambda a: a.name, "audit", lambda a: a.label)
summary = audit.summary
report = files.table(audit.main)
parts.simulated_note(audit.simulated)
verdict(summary, report)
picked = ranking(report)
left, right = st.columns(2)
with left:
    families(summary)
    gate(summary)
with right:
    checks(summary)
tables(summary)
near_duplicates(summary)
leaking_pair(summary, measured.get(audit.name))
format_study.section(audit.name)
feature(report, measured.get(audit.name), picked)

st.subheader("Download", anchor=False)
with st.container(horizontal=True):
    parts.download("Report (HTML)", audit.folder / LEAKAGE_HTML, "text/html", "html")
    parts.download("Report (Markdown)", audit.folder / LEAKAGE_MARKDOWN, "text/markdown", "md")
    parts.download("All features (CSV)", audit.main, "text/csv", "csv")
    parts.download("Summary (JSON)", audit.folder / LEAKAGE_SUMMARY, "application/json", "json")
