"""One piece of evidence as a card: its statement, the image's value among the training data, its map and its limitations.

For Model B also the waterfall of feature contributions, from an average image to this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

import streamlit as st

from cgid.charts.verdict import waterfall, waterfall_steps
from cgid.errors import InputError
from cgid.features.group import Map
from cgid.forensics.evidence.evidence import Evidence
from cgid.model_b.linear import INTERCEPT
from cgid.schema import PointsTo
from cgid.ui.check import scheduling
from cgid.ui.check.subject import Subject
from cgid.ui.shared import parts
from cgid.ui.shared import text as shared_text
from cgid.ui.shared.parts import name_of

MAX_STEPS = 8
LOG_ODDS_TITLE = "log odds: real ← → AI"
VOTES_TITLE = "fraction of votes for AI"


def contributions(result: dict[str, Any]) -> None:
    """Waterfall of Model B's prediction; for trees, Shapley values on request. result: the object of `check --json`."""
    block = result.get("model_b") or {}
    own = [p for p in block.get("contributions") or [] if p["feature"] != INTERCEPT]
    if not own or block.get("logit") is None:
        return
    kind = block.get("kind", "linear")
    if kind == "trees" and st.toggle(
        "Shapley values (TreeSHAP)", key="tree-shap",
        help="Distributes the prediction among all features, independent of their order; takes a few seconds the first time.",
    ):  # fmt: skip
        _shapley(result, block)
        return
    _draw(block["start"], [(p["feature"], p["value"], p["contribution"]) for p in own], block["logit"], LOG_ODDS_TITLE)
    if kind == "trees":
        st.caption(
            "From an average training image to this one, feature by feature in order of importance; another order would "
            "give other contributions. Zero means even odds, after calibration."
        )
    else:
        st.caption(
            "Exact: weight times distance from the average training image. Zero means even odds, after calibration. Each "
            "step shows what moved this prediction, not how the image was made."
        )


def _shapley(result: dict[str, Any], block: dict[str, Any]) -> None:
    from cgid.forensics.models import current_models
    from cgid.model_b.estimators import TreeModel
    from cgid.model_b.tree_shap import VOTES, tree_contributions

    models = current_models()
    if not isinstance(models.fusion, TreeModel) or models.run_b is None or models.run_b.id != block.get("run"):
        st.caption("The current Model B has changed since; check the image again.")
        return
    try:
        explanation = tree_contributions(models.fusion, result.get("features") or {})
    except InputError as problem:
        parts.problem(problem)
        return
    votes = explanation.unit == VOTES
    _draw(explanation.start, explanation.parts, explanation.output, VOTES_TITLE if votes else LOG_ODDS_TITLE)
    st.caption(
        "Shapley values (TreeSHAP, path-dependent): the steps add up exactly to the prediction. "
        + (
            "The fraction of trees that vote AI, before calibration."
            if votes
            else "Zero means even odds, after calibration."
        )
    )


def _draw(start: float, steps_of_features: list[tuple[str, float | None, float]], output: float, title: str) -> None:
    named = [(name_of(f), "no value" if v is None else f"{v:.4g}", c) for f, v, c in steps_of_features]
    rows = waterfall_steps(start, named, output, MAX_STEPS)
    first = ", ".join(f"{name} towards {'AI' if step > 0 else 'real'}" for name, _, step in named[:3])
    st.altair_chart(
        waterfall(rows, title), width="stretch",
        alt=f"Waterfall from an average image at {start:+.2f} to Model B's prediction at {output:+.2f}; the largest steps: {first}.",
    )  # fmt: skip


OCCLUSION_MAP = "model_a.looked"
SIDES = {
    PointsTo.AI: (":material/smart_toy:", "orange"),
    PointsTo.REAL: (":material/photo_camera:", "green"),
    PointsTo.EDITED: (":material/edit:", "violet"),
    PointsTo.NEITHER: (":material/remove:", "gray"),
}  # icon, colour
STRENGTHS = (
    (0.9, "decisive evidence"), (0.5, "strong evidence"), (0.2, "moderate evidence"), (0.0, "weak evidence"),
)  # fmt: skip
SECOND_MAP = 260  # px
MIN_STRENGTH_OPEN = 0.5  # from this strength on the values are unfolded: what decides should be read at once
Width = int | Literal["stretch"]


def show(
    number: int, evidence: Evidence, subject: Subject, result: Mapping[str, Any], reference: Mapping[str, Any],
    shown: set[str] | None = None,
) -> Any:  # fmt: skip
    """Draw card number `place`. Returns (container, finding) for Model A's slow occlusion map if the card has one.

    shown: maps that are shown above already, named here and not shown again; this card's maps are added to it.
    """
    shown = set() if shown is None else shown
    slow = None
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            side = PointsTo(evidence.points_to)
            icon, colour = SIDES[side]
            st.badge(side.label, icon=icon, color=colour)
            heavy = f" · {strength_text(evidence.strength)}" if side is not PointsTo.NEITHER else ""
            st.caption(shared_text.literal(evidence.title) + heavy)
        st.markdown(f"**{shared_text.literal(evidence.sentence)}**")
        maps = [key for key in evidence.maps if key != OCCLUSION_MAP and key not in shown]
        above = [key for key in evidence.maps if key in shown]
        left, right = st.columns([3, 2]) if len(evidence.maps) > len(above) else (st.container(), None)
        shown.update(maps)
        with left:
            if evidence.feature in (reference.get("features") or {}):
                _strip(evidence, result, reference)
            if evidence.key == "model_b":
                contributions(dict(result))
            st.markdown(f":material/report: Limitations: {shared_text.literal(evidence.limitations)}")
            if above:
                st.caption(f"Its map is shown above: {', '.join(map(_title, above))}.")
            _values(number, evidence)
            _maps(subject, maps[1:], evidence.sentence, SECOND_MAP)
        if right is not None:
            with right:
                _maps(subject, maps[:1], evidence.sentence)
                slow = (st.container(), evidence.sentence) if OCCLUSION_MAP in evidence.maps else None
    return slow


def strength_text(strength: float) -> str:
    """`strong evidence` and the like, by strength 0..1."""
    return next(title for minimum, title in STRENGTHS if strength >= minimum)


@cache
def feature_texts() -> dict[str, tuple[str, str, str]]:
    """{column: (title, meaning, unit)} of every registered feature."""
    from cgid.features.registry import all_groups

    return {g.column(f.name): (f.title, f.meaning, f.unit) for g in all_groups().values() for f in g.features}


def _strip(evidence: Evidence, result: Mapping[str, Any], reference: Mapping[str, Any]) -> None:
    from cgid.charts import feature_strip
    from cgid.forensics.evidence.reference import neighbours

    distribution = reference["features"][evidence.feature]["spread"]
    value = (result.get("features") or {}).get(evidence.feature)
    near = neighbours(reference, evidence.feature, value)
    title, meaning, _ = feature_texts().get(evidence.feature, (evidence.feature, "", ""))
    shaded = "Shaded: images with similar values. " if near is not None else ""
    simulated = (result.get("models") or {}).get("simulated")
    images = "simulated training images" if simulated else "training images"
    chart = feature_strip.spec(distribution, value, f"{title} ({images})" if simulated else title, near)
    st.vega_lite_chart(spec=chart, width="stretch", alt=feature_strip.describe(distribution, value, near, images))
    st.caption(f"{shaded}{shared_text.literal(meaning)}")


def _maps(subject: Subject, keys: list[str], finding: str, width: Width = "stretch") -> None:
    from cgid.forensics.maps import all_maps

    about = all_maps()
    for key in keys:
        png = _map_png(subject, subject.name, subject.sha256, key) if key in about else None
        if png is None:
            st.caption("This image is too small for the map.")
        else:
            _map(png, about[key], finding, width)


def _title(key: str) -> str:
    from cgid.forensics.maps import all_maps

    return all_maps()[key].title if key in all_maps() else key


def _map(png: bytes, about: Map, finding: str, width: Width = "stretch") -> None:
    st.image(png, width=width, alt=f"{about.title}: {finding} {about.legend}")
    st.caption(f"**{about.title}.** {about.legend} {about.caution}".strip())


def show_occlusion_map(slot: tuple[Any, str], subject: Subject, result: Mapping[str, Any]) -> None:
    """Model A's occlusion map, into the container of its card: the network runs once for every occluded area."""
    container, finding = slot
    from cgid.forensics.evidence.reference import answering_models
    from cgid.forensics.maps import occlusion_map as by

    models = answering_models(result)
    about = by(models).get(OCCLUSION_MAP) if models else None
    if about is None or models is None or models.network is None:
        return
    with container:
        with st.spinner("Computing the occlusion map"):
            png = _occlusion_png(subject, subject.name, subject.sha256, models.network.sha256, models)
        if png is None:
            st.caption("The network returned no finite value for this image with an area occluded.")
            return
        _map(png, about, finding)


@st.cache_data(max_entries=256, ttl=3600, show_spinner=False)
def _map_png(_subject: Subject, name: str, sha256: str, key: str) -> bytes | None:
    from cgid.forensics.maps import encode_map, maps

    pixels = maps(_subject.image, [key]).get(key)
    return None if pixels is None else encode_map(pixels)


@st.cache_data(max_entries=32, ttl=3600, show_spinner=False)
def _occlusion_png(_subject: Subject, name: str, sha256: str, network: str, _models: Any) -> bytes | None:
    from cgid.forensics.maps import encode_map, maps

    with scheduling.later():
        pixels = maps(_subject.image, [OCCLUSION_MAP], _models).get(OCCLUSION_MAP)
    return None if pixels is None else encode_map(pixels)


def _values(number: int, evidence: Evidence) -> None:
    rows = [*([("Value", evidence.number)] if evidence.number else []), *evidence.rows]
    with st.expander(
        "Values and source", expanded=evidence.strength >= MIN_STRENGTH_OPEN, icon=":material/straighten:",
        key=f"facts-{number}-{evidence.key}", on_change="rerun",
    ) as box:  # fmt: skip
        if not box.open:
            return
        st.markdown(
            "\n".join(f"- {shared_text.literal(label)}: **{shared_text.literal(text)}**" for label, text in rows)
        )
        if evidence.source:
            st.caption(f"Source: {shared_text.literal(evidence.source)}")
