"""The form that starts an ablation: a named plan or your own in YAML, validated before anything runs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from cgid.ablation.params import AblateParams
from cgid.ablation.plans import Plan, read_plan_text, selected_columns, unmatched
from cgid.ablation.results import MODEL_TITLES
from cgid.artifacts import Artifact
from cgid.errors import InputError
from cgid.files import atomic
from cgid.settings import settings
from cgid.ui.shared import jobs, parts, text

PLANS = {
    "presets": "Presets: all, no JPEG, no format",
    "groups": "Each family and group: without it, and alone",
    "everything": "Everything: presets, and each family and group without it and alone",
    "own": "Your own plan (YAML)",
}
EXAMPLE = """# each configuration lists the features that it excludes, or the only ones that it keeps
no_metadata:
  exclude_prefixes: [metadata_, c2pa_]
pixels_only:
  only_prefixes: [noise_, spectrum_, ela_]
"""


def show(tables: Mapping[str, Artifact]) -> None:
    name = st.selectbox("Feature table", list(tables), format_func=lambda n: tables[n].label)
    plan = st.selectbox("Plan", list(PLANS), format_func=PLANS.get)
    text = _own(tables[name].main) if plan == "own" else ""
    models = st.pills(
        "Model types, all on the same folds", list(MODEL_TITLES), selection_mode="multi", default=["linear"],
        format_func=MODEL_TITLES.get, help="A forest or boosting takes about 15 times as long as logistic regression.",
    )  # fmt: skip
    cols = st.columns(2)
    folds = cols[0].number_input("Folds", 2, 10, 5)
    repeats = cols[1].number_input("Repeats", 1, 20, 5)
    ready = bool(models) and text is not None
    if st.button("Run", icon=":material/play_arrow:", disabled=not ready, key="run-ablation"):
        plan_path = str(keep(text or "")) if plan == "own" else plan
        tag = f"own_{Path(plan_path).stem}" if plan == "own" else plan
        tags = [name, *([] if plan == "presets" else [tag]), *([] if models == ["linear"] else models)]
        start(tables[name].main, "_".join(tags), plan_path, int(folds), int(repeats), models)


def start(
    table: Path, name: str, plan: str, folds: int, repeats: int, models: list[str], seed: int = AblateParams.seed
) -> bool:
    """Submit the ablation as a background job; its results go to the folder `name`. False if it was refused."""
    target = settings().ablations / name
    executor = settings().executor
    params = AblateParams(table, target, plan, folds, repeats, seed, models=",".join(models), executor=executor)
    return jobs.submit("ablate", params) is not None


def keep(text: str) -> Path:
    """The plan as a file of its own, named by its content: a job reads it when it starts."""
    path = settings().artifacts / "plans" / f"{hashlib.sha256(text.encode()).hexdigest()[:8]}.yaml"
    with atomic(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return path


def _own(table: Path) -> str | None:
    """The text of a plan, None if it has an error, which is shown."""
    file = st.file_uploader("Plan file", type=["yaml", "yml"], max_upload_size=1)
    if file is None:
        text = st.text_area("Or enter it here", EXAMPLE, height=180)
    else:
        text = file.getvalue().decode("utf-8-sig", "replace")
    try:
        plan = read_plan_text(text, file.name if file else "Plan")
        columns = _columns(str(table), *_state(table))
    except (InputError, OSError) as problem:
        parts.problem(problem)
        return None
    _checked(plan, columns)
    return text


def _checked(plan: Plan, columns: list[str]) -> None:
    counts = {name: len(selected_columns(arm, columns)) for name, arm in plan.items()}
    description = ", ".join(f"{text.code(name)} {count}" for name, count in counts.items())
    st.markdown(f"Features per configuration, of {len(columns)}: {description}.")
    for note in unmatched(plan, columns):
        st.warning(text.literal(note.replace("`", "")), icon=":material/search_off:")


def _state(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_mtime_ns, stat.st_size


@st.cache_data(max_entries=16, ttl=3600, show_spinner=False)
def _columns(path: str, changed: int, size: int) -> list[str]:
    from cgid.features.table import feature_columns, read_features

    return feature_columns(read_features(path))
