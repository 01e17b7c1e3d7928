"""Does one feature, or one family of features, give the label away?"""

import streamlit as st

from cgid import catalog
from cgid.jobs import store
from cgid.settings import settings
from cgid.studies.params import AuditParams
from cgid.ui import jobs_view, parts, shell
from cgid.ui import load as files
from cgid.ui.leakage_view import checks, families, feature, ranking, verdict

PAGE = {
    "title": "Leakage",
    "question": "Did the detector learn what makes an image AI, or only the file format it came in?",
    "icon": ":material/plumbing:",
    "section": "Judge",
    "order": 2,
}

shell.page(__file__)

tables = {t.name: t for t in catalog.feature_tables()}
audits = catalog.audits()
with st.expander("Audit a feature table", expanded=bool(tables) and not audits, icon=":material/add:"):
    if tables:
        with st.form("audit"):
            name = st.selectbox("Feature table", list(tables), format_func=lambda n: tables[n].label)
            draws = st.number_input("Bootstrap draws for the intervals", 0, 5000, 200, 50)
            if st.form_submit_button("Audit", icon=":material/play_arrow:"):
                jobs_view.submit("audit", AuditParams(tables[name].main, settings().audits / name, int(draws)))
    else:
        parts.nothing("There is no feature table yet.", "features", "Measure forensic features")


jobs_view.watch(lambda: store.list_jobs(kind="audit", status=("queued", "running"), limit=4), "audits")

if not audits:
    parts.nothing(
        "No audit has run yet. The demo shows one set that leaks and one that does not.", "overview", "Build the demo"
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
with right:
    checks(summary)
feature(report, tables.get(audit.name), picked)

st.subheader("Take it with you", anchor=False)
with st.container(horizontal=True):
    parts.download("Report (one HTML page)", audit.folder / "feature_leakage_report.html", "text/html", "html")
    parts.download("Report (Markdown)", audit.folder / "feature_leakage_report.md", "text/markdown", "md")
    parts.download("Every feature (CSV)", audit.main, "text/csv", "csv")
    parts.download("Summary (JSON)", audit.folder / "feature_leakage_summary.json", "application/json", "json")
