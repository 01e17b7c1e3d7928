"""One piece of evidence as a card: the sentence, where the image lies in the training data, its map, what could fool it.

The Check page: which features moved Model B's answer, step by step from an average image to this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

import streamlit as st

from cgid.charts.verdict import steps, waterfall
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

MOST = 8
ODDS = "log odds: real ← → AI"
SHARE = "share of votes for AI"


def contributions(found: dict[str, Any]) -> None:
    """Waterfall of Model B's answer; for trees, Shapley values on request. found: a check's object."""
    block = found.get("model_b") or {}
    own = [p for p in block.get("contributions") or [] if p["feature"] != INTERCEPT]
    if not own or block.get("logit") is None:
        return
    kind = block.get("kind", "linear")
    if kind == "trees" and st.toggle(
        "Shapley values (TreeSHAP)", key="tree-shap",
        help="Shares the answer out fairly among all features, in any order; takes a few seconds the first time.",
    ):  # fmt: skip
        _shapley(found, block)
        return
    _draw(block["start"], [(p["feature"], p["value"], p["contribution"]) for p in own], block["logit"], ODDS)
    if kind == "trees":
        st.caption(
            "From an average training image to this one, feature after feature in the order of their importance; "
            "another order would share the credit differently. Zero is even odds, after calibration."
        )
    else:
        st.caption(
            "Exact: weight times distance from the average training image. Zero is even odds, after calibration. Each "
            "step says what moved this answer, not what made the picture."
        )


def _shapley(found: dict[str, Any], block: dict[str, Any]) -> None:
    from cgid.forensics.models import current_models
    from cgid.model_b.estimators import TreeModel
    from cgid.model_b.tree_shap import VOTES, tree_parts

    models = current_models()
    if not isinstance(models.fusion, TreeModel) or models.run_b is None or models.run_b.id != block.get("run"):
        st.caption("Another Model B answers now; check the picture again.")
        return
    try:
        told = tree_parts(models.fusion, found.get("features") or {})
    except InputError as problem:
        parts.problem(problem)
        return
    votes = told.unit == VOTES
    _draw(told.start, told.parts, told.output, SHARE if votes else ODDS)
    st.caption(
        "Shapley values (TreeSHAP, path-dependent): the steps add up to the answer exactly. "
        + ("The share of trees that vote AI, before calibration." if votes else "Zero is even odds, after calibration.")
    )


def _draw(start: float, own: list[tuple[str, float | None, float]], output: float, title: str) -> None:
    named = [(name_of(f), "no value" if v is None else f"{v:.4g}", c) for f, v, c in own]
    rows = steps(start, named, output, MOST)
    first = ", ".join(f"{name} towards {'AI' if step > 0 else 'real'}" for name, _, step in named[:3])
    st.altair_chart(
        waterfall(rows, title), width="stretch",
        alt=f"Waterfall from an average image at {start:+.2f} to Model B's answer at {output:+.2f}; the largest steps: {first}.",
    )  # fmt: skip


MODEL_A_MAP = "model_a.looked"
LOOKS = {
    PointsTo.AI: (":material/smart_toy:", "orange"),
    PointsTo.REAL: (":material/photo_camera:", "green"),
    PointsTo.EDITED: (":material/edit:", "violet"),
    PointsTo.NEITHER: (":material/remove:", "gray"),
}  # icon, colour
WEIGHTS = (
    (0.9, "decisive evidence"), (0.5, "strong evidence"), (0.2, "moderate evidence"), (0.0, "weak evidence"),
)  # fmt: skip
SECOND_MAP = 260  # px
TOLD_AT_ONCE = 0.5  # from this strength on the figures are open: what decides is read, not looked for
Width = int | Literal["stretch"]


def show(
    place: int, piece: Evidence, subject: Subject, found: Mapping[str, Any], reference: Mapping[str, Any],
    drawn: set[str] | None = None,
) -> Any:  # fmt: skip
    """Draw the card number `place`; returns the place for Model A's slow map and its finding where it has one, for `looked`.

    drawn: maps that stand above already, named here and not drawn again; this card's are added.
    """
    drawn = set() if drawn is None else drawn
    slow = None
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            side = PointsTo(piece.points_to)
            icon, colour = LOOKS[side]
            st.badge(side.label, icon=icon, color=colour)
            heavy = f" · {weight(piece.strength)}" if side is not PointsTo.NEITHER else ""
            st.caption(shared_text.literal(piece.title) + heavy)
        st.markdown(f"**{shared_text.literal(piece.sentence)}**")
        maps = [key for key in piece.maps if key != MODEL_A_MAP and key not in drawn]
        above = [key for key in piece.maps if key in drawn]
        left, right = st.columns([3, 2]) if len(piece.maps) > len(above) else (st.container(), None)
        drawn.update(maps)
        with left:
            if piece.feature in (reference.get("features") or {}):
                _strip(piece, found, reference)
            if piece.key == "model_b":
                contributions(dict(found))
            st.markdown(f":material/theater_comedy: What could fool this: {shared_text.literal(piece.fooled_by)}")
            if above:
                st.caption(f"Its map stands above: {', '.join(map(_title, above))}.")
            _facts(place, piece)
            _maps(subject, maps[1:], piece.sentence, SECOND_MAP)
        if right is not None:
            with right:
                _maps(subject, maps[:1], piece.sentence)
                slow = (st.container(), piece.sentence) if MODEL_A_MAP in piece.maps else None
    return slow


def weight(strength: float) -> str:
    """`strong evidence`, in the words for its weight."""
    return next(word for least, word in WEIGHTS if strength >= least)


@cache
def described() -> dict[str, tuple[str, str, str]]:
    """{column: (title, meaning, unit)} of every registered feature."""
    from cgid.features.registry import all_groups

    return {g.column(f.name): (f.title, f.meaning, f.unit) for g in all_groups().values() for f in g.features}


def _strip(piece: Evidence, found: Mapping[str, Any], reference: Mapping[str, Any]) -> None:
    from cgid.charts import feature_strip
    from cgid.forensics.evidence.reference import neighbours

    spread = reference["features"][piece.feature]["spread"]
    value = (found.get("features") or {}).get(piece.feature)
    near = neighbours(reference, piece.feature, value)
    title, meaning, _ = described().get(piece.feature, (piece.feature, "", ""))
    shaded = "Shaded: images with such a value. " if near is not None else ""
    simulated = (found.get("models") or {}).get("simulated")
    images = "simulated training images" if simulated else "training images"
    drawn = feature_strip.spec(spread, value, f"{title} ({images})" if simulated else title, near)
    st.vega_lite_chart(spec=drawn, width="stretch", alt=feature_strip.finding(spread, value, near, images))
    st.caption(f"{shaded}{shared_text.literal(meaning)}")


def _maps(subject: Subject, keys: list[str], finding: str, width: Width = "stretch") -> None:
    from cgid.forensics.maps import all_maps

    about = all_maps()
    for key in keys:
        drawn = _drawn(subject, subject.name, subject.sha256, key) if key in about else None
        if drawn is None:
            st.caption("This picture is too small for the map.")
        else:
            _map(drawn, about[key], finding, width)


def _title(key: str) -> str:
    from cgid.forensics.maps import all_maps

    return all_maps()[key].title if key in all_maps() else key


def _map(drawn: bytes, about: Map, finding: str, width: Width = "stretch") -> None:
    st.image(drawn, width=width, alt=f"{about.title}: {finding} {about.legend}")
    st.caption(f"**{about.title}.** {about.legend} {about.caution}".strip())


def looked(kept: tuple[Any, str], subject: Subject, found: Mapping[str, Any]) -> None:
    """Where Model A looked, into the place its card kept: the network runs once for every place of the picture."""
    place, finding = kept
    from cgid.forensics.evidence.reference import answering
    from cgid.forensics.maps import looked as by

    models = answering(found)
    about = by(models).get(MODEL_A_MAP) if models else None
    if about is None:
        return
    with place:
        with st.spinner("Covering one place of the picture after the other"):
            drawn = _looked(subject, subject.name, subject.sha256, models.network.sha256, models)
        if drawn is None:
            st.caption("The network gave no finite number for this picture with a place covered.")
            return
        _map(drawn, about, finding)


@st.cache_data(max_entries=256, ttl=3600, show_spinner=False)
def _drawn(_subject: Subject, name: str, sha256: str, key: str) -> bytes | None:
    from cgid.forensics.maps import encoded, maps

    drawn = maps(_subject.image, [key]).get(key)
    return None if drawn is None else encoded(drawn)


@st.cache_data(max_entries=32, ttl=3600, show_spinner=False)
def _looked(_subject: Subject, name: str, sha256: str, network: str, _models: Any) -> bytes | None:
    from cgid.forensics.maps import encoded, maps

    with scheduling.later():
        drawn = maps(_subject.image, [MODEL_A_MAP], _models).get(MODEL_A_MAP)
    return None if drawn is None else encoded(drawn)


def _facts(place: int, piece: Evidence) -> None:
    rows = [*([("Number", piece.number)] if piece.number else []), *piece.rows]
    with st.expander(
        "Figures and source", expanded=piece.strength >= TOLD_AT_ONCE, icon=":material/straighten:",
        key=f"facts-{place}-{piece.key}", on_change="rerun",
    ) as box:  # fmt: skip
        if not box.open:
            return
        st.markdown(
            "\n".join(f"- {shared_text.literal(label)}: **{shared_text.literal(text)}**" for label, text in rows)
        )
        if piece.source:
            st.caption(f"Source: {shared_text.literal(piece.source)}")
