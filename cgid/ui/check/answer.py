"""The answer on the first screen: verdict, one sentence why, how often it is wrong, and which evidence agrees."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from cgid.errors import InputError
from cgid.forensics.model_choice import Choice, chosen_models
from cgid.imaging.image_file import ImageFile
from cgid.ui.check import scheduling
from cgid.ui.check.subject import Subject
from cgid.ui.shared import text
from cgid.ui.shared.load import data_url

PREVIEW = 1024  # px
FINDINGS = {
    "silent": ("no indication", ":material/remove:", "gray"),
    "warns": ("credentials do not match", ":material/gpp_bad:", "red"),
    "points_to_ai": ("points to AI", ":material/flag:", "orange"),
}
NO_FINDING = ("not applicable here", ":material/remove:", "gray")  # models for which the image is out of domain


@st.cache_data(max_entries=256, ttl=3600, show_spinner=False)
def _check(_subject: Subject, name: str, sha256: str, choice: Choice, state: str) -> dict[str, Any]:
    """Cached by content, name and models. state: the models in use now. The bytes themselves are not hashed again."""
    from cgid.forensics.check import check

    with scheduling.answer():
        models = chosen_models(choice)
        try:
            source: ImageFile | bytes = _subject.image
        except InputError:
            source = _subject.data
        return check(source, _subject.name, models).to_json()


def check_of(subject: Subject, choice: Choice = Choice()) -> dict[str, Any]:
    """The object of `check --json` from the models chosen. Raises InputError if these cannot be used."""
    state = json.dumps(chosen_models(choice).to_json(), sort_keys=True)
    return _check(subject, subject.name, subject.sha256, choice, state)


@st.cache_data(max_entries=64, ttl=3600, show_spinner=False)
def _preview(_subject: Subject, name: str, sha256: str) -> str | None:
    from PIL import Image

    try:
        pixels = _subject.image.rgb
    except InputError:
        return None
    step = max(1, min(pixels.shape[:2]) // (2 * PREVIEW))  # a photograph of 50 megapixels is not copied for a preview
    return data_url(Image.fromarray(pixels[::step, ::step]), PREVIEW)


def show(subject: Subject, result: dict[str, Any]) -> None:
    """Verdict next to the image, then the four sources of evidence."""
    title, icon, colour = text.VERDICTS[result["verdict"]]
    answer, picture = st.columns([3, 2])  # on a phone the answer comes before the image
    with answer, st.container(border=True):
        st.header(f":{colour}[{icon}] {title}", anchor=False)
        if (result.get("models") or {}).get("simulated"):
            st.badge("models trained on simulated data", icon=":material/science:", color="gray")
        st.markdown(text.literal(result.get("why") or result["reason"]))
        for voice in (result.get("agreement") or {}).get("voices") or []:
            if voice["says"] == "warns":
                st.warning(f"{text.literal(voice['why'])} They are ignored; see *Origin*.", icon=FINDINGS["warns"][1])
        _scale(result)
        how_often_wrong(result)
        if result["reason"] != result.get("why"):
            with st.expander("Full explanation"):
                st.markdown(text.literal(result["reason"]))
                if result.get("probability_ai") is not None:
                    st.caption(
                        "Calibrated: of the validation images that were given about 70 %, about 70 in 100 were AI. This "
                        "holds for images like those, not for all images."
                    )
    with picture:
        shown = _preview(subject, subject.name, subject.sha256)
        if shown is not None:
            st.image(
                shown, caption=text.code(text.short(subject.name)), width="stretch",
                alt=f"The checked image, {text.short(subject.name)}: {title}.",
            )  # fmt: skip
    if result.get("agreement"):
        show_sources(result["agreement"], bool((result.get("models") or {}).get("foreign")))


def _scale(result: dict[str, Any]) -> None:
    """The deciding model's probability on the scale from real to AI."""
    from cgid.charts.verdict import verdict_bar

    decided = (result.get("models") or {}).get("decided_by")
    model = result.get(decided) if decided in ("model_a", "model_b") else None
    if model:
        verdict = text.VERDICTS[model["verdict"]][0].lower()
        st.altair_chart(
            verdict_bar(model["probability"], model["band"]["low"], model["band"]["high"]), width="stretch",
            alt=f"Scale from likely real to likely AI: this image lies at {text.probability(model['probability'])}, in the "
            f"range {verdict}.",
        )  # fmt: skip


def how_often_wrong(result: dict[str, Any]) -> None:
    """Both error rates of the deciding model on its test split, and on external data where it was evaluated."""
    rates = result.get("error_rates")
    if not rates:
        by = (result.get("models") or {}).get("decided_by")
        if by in ("provenance", "watermark"):
            basis = "the origin that the metadata declares" if by == "provenance" else "an invisible watermark"
            st.caption(f"This verdict is based on {basis}, not on a model, so it has no measured error rate.")
        elif result["verdict"] in ("likely_real", "likely_ai"):
            st.caption(
                "It is not known how often this verdict is wrong: this model has not been evaluated on test images."
            )
        return
    accused, missed = rates.get("likely_ai_wrong") or {}, rates.get("likely_real_wrong") or {}
    one, two = st.columns(2)
    one.markdown(f"Real photos wrongly accused (false positive rate): **{text.percent(accused.get('value'))}**")
    one.caption(f"{_interval(accused)} measured on {accused.get('n', '?')} real test photos")
    two.markdown(f"AI images missed (false negative rate): **{text.percent(missed.get('value'))}**")
    two.caption(f"{_interval(missed)} measured on {missed.get('n', '?')} AI test images")
    elsewhere = rates.get("elsewhere") or {}
    if elsewhere:
        for name, other in list(elsewhere.items())[:4]:
            a, m = other.get("likely_ai_wrong") or {}, other.get("likely_real_wrong") or {}
            st.caption(
                f"On external data ({text.code(name)}): {text.share(a)} of {a.get('n', '?')} real photos wrongly accused, "
                f"{text.share(m)} of {m.get('n', '?')} AI images missed."
            )
    else:
        st.caption("Not evaluated on external data: expect more errors on images from other sources.")


def _interval(figure: dict[str, Any]) -> str:
    if figure.get("low") is None or figure.get("high") is None:
        return "No interval;"
    return f"95 % interval {100 * figure['low']:.0f} to {100 * figure['high']:.0f} %;"


def show_sources(agreement: dict[str, Any], out_of_domain: bool = False) -> None:
    """Model A, Model B, the rules and the metadata, each with its own finding: side by side, never averaged.

    foreign: the image is out of the models' domain, so their findings do not apply.
    """
    agree = agreement.get("agree")
    icon = {True: ":material/handshake:", False: ":material/call_split:", None: ":material/radio_button_unchecked:"}[
        agree
    ]
    with st.container(border=True):
        st.markdown(f"{icon} **{text.literal(agreement['sentence'])}**")
        for column, voice in zip(st.columns(len(agreement["voices"])), agreement["voices"]):
            with column:
                title, mark, colour = FINDINGS.get(voice["says"]) or text.VERDICTS[voice["says"]]
                if out_of_domain and voice["says"] in text.VERDICTS and voice["who"] in ("model_a", "model_b"):
                    title, mark, colour = NO_FINDING
                st.markdown(text.literal(voice["title"]))
                st.badge(title, icon=mark, color=colour)
                st.caption(text.literal(text.short(voice["why"], 160)))
