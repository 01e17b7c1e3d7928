"""What-if toggles: switch families off and on and see the effect at once, from the stored folds."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from cgid.ablation import what_if
from cgid.ablation.plans import NAME
from cgid.ablation.results import with_model
from cgid.artifacts import ABLATION_FOLDS, ABLATION_SCORES, ABLATION_SUMMARY, Artifact
from cgid.charts import intervals
from cgid.jobs import store
from cgid.jobs.job import Job
from cgid.schema import Family, label_of
from cgid.ui.ablations import plan_form
from cgid.ui.ablations.view import METRICS, PLAN_NAMES
from cgid.ui.shared import jobs, load, text

LEVELS = {"family": "Families", "group": "Groups"}


@dataclass(frozen=True, slots=True)
class Answer:
    """figures: {metric: {"mean", "low", "high", "difference", …}}. arm: that was computed; "" where it is an estimate."""

    figures: Mapping[str, Mapping[str, float | None]]
    arm: str = ""


def show(study: Artifact, others: Sequence[Artifact], model: str) -> None:
    """study: the one on the page. studies: all of them; another one on the same folds may have the exact result."""
    st.subheader("What if?", anchor=False)
    features_by_configuration = what_if.features_by_configuration(study.summary)
    if not features_by_configuration:
        st.caption("This ablation does not record its features. Run it again to switch families off and on here.")
        return
    level = st.segmented_control("Level", list(LEVELS), default="family", required=True, format_func=LEVELS.get)
    there = what_if.members(study.summary["owners"][level])
    chosen = st.pills(
        "The detector may use", list(there), selection_mode="multi", default=list(there),
        format_func=lambda name: text.literal(label_of(Family, name) if level == "family" else name),
        key=f"what-if-{study.name}-{level}",
    )  # fmt: skip
    if not chosen:
        st.info("Choose at least one: a detector without any feature can only guess.", icon=":material/toggle_off:")
        return
    features = frozenset().union(*(there[name] for name in chosen))
    single = {
        name: arm for name in there if (arm := what_if.matching_configuration(there[name], features_by_configuration))
    }
    answer = _exact(study, others, model, features)
    if answer is None and all(name in single for name in chosen):
        answer = _estimate(study, model, tuple(single[name] for name in chosen))
    if answer is not None:
        _describe(answer, len(features))
        if not answer.arm:
            _reliability_note(study, model, level)
        _draw(study, model, answer)
    if answer is None or not answer.arm:
        _offer(study, features, chosen, estimated=answer is not None)


def _exact(study: Artifact, others: Sequence[Artifact], model: str, features: frozenset[str]) -> Answer | None:
    for other in [study, *(s for s in others if s.name != study.name and _same_folds(s.summary, study.summary))]:
        arm = what_if.matching_configuration(features, what_if.features_by_configuration(other.summary))
        if arm is None:
            continue
        results = with_model(load.table(other.main))
        rows = results[(results["plan"] == arm) & (results["model"] == model)]
        if len(rows):
            return Answer({row["metric"]: row for row in rows.to_dict("records")}, arm)
    return None


def _same_folds(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    def work(summary: Mapping[str, Any]) -> tuple:
        source = summary.get("input") or {}
        return source.get("sha256"), source.get("seed"), summary.get("folds"), summary.get("repeats")

    return None not in work(one) and work(one) == work(other)


def _estimate(study: Artifact, model: str, arms: tuple[str, ...]) -> Answer | None:
    if not (study.folder / ABLATION_SCORES).is_file():
        return None
    votes = _votes(*_file(study.folder / ABLATION_SCORES), model, tuple(sorted(arms)))
    return Answer(what_if.estimate(votes, sorted(arms), _folds(study, model)))


def _describe(answer: Answer, count: int) -> None:
    auc = answer.figures["auc"]
    unit = "feature" if count == 1 else "features"
    if answer.arm:
        st.badge("computed exactly", icon=":material/check_circle:", color="green")
        st.markdown(
            f"**AUC {_interval(auc, 'mean', 'low', 'high')}** from {count} {unit}, configuration {text.code(answer.arm)}."
        )
    else:
        st.badge("estimated", icon=":material/calculate:", color="orange")
        st.markdown(
            f"**AUC about {_interval(auc, 'mean', 'low', 'high')}** from {count} {unit}. No model was trained on this "
            "combination: the predictions of the models trained on each part alone are averaged (mean of log odds, late "
            "fusion)."
        )
    if auc.get("difference") == auc.get("difference") and auc.get("difference") is not None:
        gap = _interval(auc, "difference", "diff_low", "diff_high", "+.3f")
        rest = "; ".join(_others(answer))
        st.markdown(f"Compared with all features together: {gap}. {rest[:1].upper()}{rest[1:]}.")


def _others(answer: Answer) -> list[str]:
    return [
        f"{METRICS[m]} {_interval(answer.figures[m], 'mean', 'low', 'high')}"
        for m in ("balanced_accuracy", "f1")
        if m in answer.figures
    ]


def _interval(figure: Mapping[str, Any], middle: str, low: str, high: str, form: str = ".3f") -> str:
    values = [figure.get(name) for name in (middle, low, high)]
    if values[0] is None or values[0] != values[0]:
        return "n/a"
    if any(v is None or v != v for v in values):
        return f"{values[0]:{form}} (no interval)"
    return f"{values[0]:{form}} ({values[1]:{form}} to {values[2]:{form}})"


def _reliability_note(study: Artifact, model: str, level: str) -> None:
    held = _estimate_errors(
        *_file(study.folder / ABLATION_SCORES),
        *_file(study.folder / ABLATION_FOLDS),
        *_file(study.folder / ABLATION_SUMMARY),
        model,
        level,
    )
    if len(held):
        off = (held["fused"] - held["exact"]).abs()
        worst = held["arm"][off.idxmax()]
        st.caption(
            f"Accuracy of the estimate: for the {len(held)} feature sets with an exact result too, it was off by "
            f"{off.mean():.3f} AUC on average, by {off.max():.3f} at most ({text.code(worst)})."
        )


def _draw(study: Artifact, model: str, answer: Answer) -> None:
    import pandas as pd

    results = with_model(load.table(study.main))
    base = results[(results["plan"] == "all") & (results["model"] == model) & (results["metric"] == "auc")]
    title = "your selection" if answer.arm else "your selection (estimated)"
    rows = [*base.assign(plan=PLAN_NAMES["all"]).to_dict("records"), {**answer.figures["auc"], "plan": title}]
    data = pd.DataFrame(rows)[["plan", "mean", "low", "high"]].astype({"mean": float, "low": float, "high": float})
    st.altair_chart(
        intervals.levels(data, METRICS["auc"]), width="stretch",
        alt="Dot plot of AUC with intervals: all features above, the chosen ones below.",
    )  # fmt: skip


def _offer(study: Artifact, features: frozenset[str], chosen: Sequence[str], estimated: bool) -> None:
    """The button that computes the combination exactly."""
    if not estimated:
        st.markdown(
            "This combination has not been computed and cannot be estimated: that needs the configurations with each part "
            "alone, which the plan of this ablation does not have."
        )
    summary = study.summary
    table = Path(str((summary.get("input") or {}).get("path", "")))
    if not table.is_file():
        st.caption("The feature table of this ablation no longer exists, so nothing can be computed.")
        return
    models = list(summary.get("models") or ["linear"])
    again = (int(summary["folds"]), int(summary["repeats"]), models, int(summary["input"].get("seed", 2026)))
    begun = False
    with st.container(horizontal=True):
        if st.button("Compute this combination exactly", icon=":material/play_arrow:", key="what-if-exact"):
            path = plan_form.keep(_plan(features, chosen))
            begun = plan_form.start(table, f"{study.name}_what_if_{path.stem}", str(path), *again)
        if not estimated and st.button(
            "Compute every family and group", icon=":material/grid_view:", key="what-if-all"
        ):
            begun = plan_form.start(table, f"{study.name}_everything", "everything", *again)
    if begun:
        st.rerun()  # its progress is drawn above, too
    jobs.watch(lambda: _own_jobs(study.name), "what-if")


def _own_jobs(name: str) -> list[Job]:
    live = store.list_jobs(kind="ablate", status=("queued", "running"), limit=20)
    return [job for job in live if Path(str(job.params.get("output_dir"))).name.startswith(f"{name}_")]


def _plan(features: frozenset[str], chosen: Sequence[str]) -> str:
    import yaml

    name = f"only_{'_'.join(sorted(chosen))}"
    if not NAME.fullmatch(name):
        name = f"only_{hashlib.sha256(' '.join(sorted(features)).encode()).hexdigest()[:8]}"
    return yaml.safe_dump({name: {"only_features": sorted(features)}}, allow_unicode=True)


def _folds(study: Artifact, model: str):
    folds = with_model(load.table(study.folder / ABLATION_FOLDS))
    return folds[folds["model"] == model]


def _file(path: Path) -> tuple[str, int, int]:
    stat = path.stat()
    return str(path), stat.st_mtime_ns, stat.st_size


@st.cache_data(max_entries=16, ttl=3600, show_spinner=False)
def _votes(path: str, changed: int, size: int, model: str, arms: tuple[str, ...]) -> what_if.LogOdds:
    import pandas as pd

    columns = ["plan", "model", "repeat", "fold", "row", "label", "score"]
    scores = pd.read_parquet(path, columns=columns, filters=[("plan", "in", list(arms)), ("model", "==", model)])
    return what_if.LogOdds.of(scores, arms)


@st.cache_data(max_entries=16, ttl=3600, show_spinner="Comparing estimates with exact results")
def _estimate_errors(
    scores: str, s1: int, s2: int, folds: str, f1: int, f2: int, summary: str, m1: int, m2: int, model: str, level: str
):
    known = load.document(summary)
    features_by_configuration = what_if.features_by_configuration(known)
    single = {
        n: arm
        for n, own in what_if.members(known["owners"][level]).items()
        if (arm := what_if.matching_configuration(own, features_by_configuration))
    }
    votes = _votes(*_file(Path(scores)), model, tuple(sorted(single.values())))
    table = with_model(load.table(folds))
    return what_if.fusion_error(votes, single, features_by_configuration, table[table["model"] == model])
