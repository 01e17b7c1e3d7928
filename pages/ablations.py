"""What is left of a detector when families of features are taken away?"""

import streamlit as st

from cgid import catalog
from cgid.jobs import store
from cgid.settings import settings
from cgid.studies.params import AblateParams
from cgid.ui import jobs_view, parts, shell
from cgid.ui import load as files
from cgid.ui.ablations_view import figures, sentences

PAGE = {
    "title": "Ablations",
    "question": "What is left of the detector when file format, metadata or any other family of features is removed?",
    "icon": ":material/content_cut:",
    "section": "Judge",
    "order": 3,
}

shell.page(__file__)

tables = {t.name: t for t in catalog.feature_tables()}
found = catalog.ablations()
PLANS = {"presets": "Presets: all, no JPEG, no format", "groups": "Each family and group: without it, and it alone"}
with st.expander("Run ablations", expanded=bool(tables) and not found, icon=":material/add:"):
    if tables:
        with st.form("ablate"):
            name = st.selectbox("Feature table", list(tables), format_func=lambda n: tables[n].label)
            plan = st.selectbox("Plan", list(PLANS), format_func=PLANS.get)
            cols = st.columns(2)
            folds = cols[0].number_input("Folds", 2, 10, 5)
            repeats = cols[1].number_input("Repeats", 1, 20, 5)
            if st.form_submit_button("Run", icon=":material/play_arrow:"):
                target = settings().ablations / (name if plan == "presets" else f"{name}_{plan}")
                jobs_view.submit("ablate", AblateParams(tables[name].main, target, plan, int(folds), int(repeats)))
    else:
        parts.nothing("There is no feature table yet.", "features", "Measure forensic features")
jobs_view.watch(lambda: store.list_jobs(kind="ablate", status=("queued", "running"), limit=4), "ablations")

if not found:
    parts.nothing("No ablation has run yet. The demo runs two.", "overview", "Build the demo")
    st.stop()

study = parts.choose("Ablation", found, lambda a: a.name, "study", lambda a: a.label)
parts.simulated_note(study.simulated)
sentences(study.summary)
figures(files.table(study.main))

st.subheader("Take it with you", anchor=False)
with st.container(horizontal=True):
    parts.download("Results (CSV)", study.main, "text/csv", "results")
    parts.download("Every fold (CSV)", study.folder / "ablation_folds.csv", "text/csv", "folds")
    parts.download("Summary (JSON)", study.folder / "ablation_summary.json", "application/json", "summary")
