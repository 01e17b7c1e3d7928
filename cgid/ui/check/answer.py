"""The answer on the first screen: verdict, one sentence why, how often it is wrong, and who agrees with it."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from cgid.errors import InputError
from cgid.forensics.model_choice import Choice, chosen_models
from cgid.ui.check import scheduling
from cgid.ui.check.subject import Subject
from cgid.ui.shared import text
from cgid.ui.shared.load import data_url

PREVIEW = 1024  # px
SAYS = {
    "silent": ("says nothing", ":material/remove:", "gray"),
    "warns": ("credentials do not fit", ":material/gpp_bad:", "red"),
    "points_to_ai": ("points to AI", ":material/flag:", "orange"),
}
NO_FINDING = ("no finding here", ":material/remove:", "gray")  # models that know nothing of such pictures


@st.cache_data(max_entries=256, ttl=3600, show_spinner=False)
def _check(_subject: Subject, name: str, sha256: str, choice: Choice, state: str) -> dict[str, Any]:
    """By content, name and models; state: those that answer now. The bytes themselves are not hashed again."""
    from cgid.forensics.check import check

    with scheduling.answer():
        models = chosen_models(choice)
        try:
            source = _subject.image
        except InputError:
            source = _subject.data
        return check(source, _subject.name, models).to_json()


def check_of(subject: Subject, choice: Choice = Choice()) -> dict[str, Any]:
    """The object of `check --json` by the models chosen. Raises InputError where those cannot be used."""
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


def show(subject: Subject, found: dict[str, Any]) -> None:
    """Verdict beside the picture, then the four voices."""
    title, icon, colour = text.VERDICTS[found["verdict"]]
    answer, picture = st.columns([3, 2])  # on a phone the answer comes before the picture
    with answer, st.container(border=True):
        st.header(f":{colour}[{icon}] {title}", anchor=False)
        if (found.get("models") or {}).get("simulated"):
            st.badge("models learned from simulated data", icon=":material/science:", color="gray")
        st.markdown(text.literal(found.get("why") or found["reason"]))
        for voice in (found.get("agreement") or {}).get("voices") or []:
            if voice["says"] == "warns":
                st.warning(f"{text.literal(voice['why'])} They count for nothing; see *Origin*.", icon=SAYS["warns"][1])
        _scale(found)
        how_often_wrong(found)
        if found["reason"] != found.get("why"):
            with st.expander("The reasons in full"):
                st.markdown(text.literal(found["reason"]))
                if found.get("probability_ai") is not None:
                    st.caption(
                        "Calibrated: among validation images that were given about 70 %, about 70 in 100 were AI. It is a "
                        "statement about such images, not about the world."
                    )
    with picture:
        shown = _preview(subject, subject.name, subject.sha256)
        if shown is not None:
            st.image(
                shown, caption=text.code(text.short(subject.name)), width="stretch",
                alt=f"The picture that was checked, {text.short(subject.name)}: {title}.",
            )  # fmt: skip
    if found.get("agreement"):
        voices(found["agreement"], bool((found.get("models") or {}).get("foreign")))


def _scale(found: dict[str, Any]) -> None:
    """Where the deciding model's probability lies between real and AI."""
    from cgid.charts.verdict import figure

    decided = (found.get("models") or {}).get("decided_by")
    model = found.get(decided) if decided in ("model_a", "model_b") else None
    if model:
        said = text.VERDICTS[model["verdict"]][0].lower()
        st.altair_chart(
            figure(model["probability"], model["band"]["low"], model["band"]["high"]), width="stretch",
            alt=f"Scale from likely real to likely AI: this picture lies at {text.probability(model['probability'])}, in the "
            f"zone {said}.",
        )  # fmt: skip


def how_often_wrong(found: dict[str, Any]) -> None:
    """Both kinds of mistake of the deciding model on images it never saw, and on other data where it was tried."""
    rates = found.get("error_rates")
    if not rates:
        by = (found.get("models") or {}).get("decided_by")
        if by in ("provenance", "watermark"):
            rests = "what the file says of itself" if by == "provenance" else "a watermark in the pixels"
            st.caption(f"This verdict rests on {rests}, not on a model, so no error rate was measured for it.")
        elif found["verdict"] in ("likely_real", "likely_ai"):
            st.caption("How often this verdict is wrong is not known: this model was not judged on images of its own.")
        return
    accused, missed = rates.get("likely_ai_wrong") or {}, rates.get("likely_real_wrong") or {}
    one, two = st.columns(2)
    one.markdown(f"Real photos wrongly accused (false positive rate): **{text.percent(accused.get('value'))}**")
    one.caption(f"{_interval(accused)} measured on {accused.get('n', '?')} real test photos")
    two.markdown(f"AI images called real (missed): **{text.percent(missed.get('value'))}**")
    two.caption(f"{_interval(missed)} measured on {missed.get('n', '?')} AI test images")
    elsewhere = rates.get("elsewhere") or {}
    if elsewhere:
        for name, other in list(elsewhere.items())[:4]:
            a, m = other.get("likely_ai_wrong") or {}, other.get("likely_real_wrong") or {}
            st.caption(
                f"On other data ({text.code(name)}): {text.share(a)} of {a.get('n', '?')} real photos wrongly accused, "
                f"{text.share(m)} of {m.get('n', '?')} AI images called real."
            )
    else:
        st.caption("Never tried on other data: expect worse on pictures from elsewhere.")


def _interval(figure: dict[str, Any]) -> str:
    if figure.get("low") is None or figure.get("high") is None:
        return "No interval;"
    return f"95 % interval {100 * figure['low']:.0f} to {100 * figure['high']:.0f} %;"


def voices(said: dict[str, Any], foreign: bool = False) -> None:
    """Model A, Model B, the rules and the file, each with its own word: beside one another, never averaged.

    foreign: the models know nothing of such pictures, so their word is no finding.
    """
    agree = said.get("agree")
    icon = {True: ":material/handshake:", False: ":material/call_split:", None: ":material/radio_button_unchecked:"}[
        agree
    ]
    with st.container(border=True):
        st.markdown(f"{icon} **{text.literal(said['sentence'])}**")
        for column, voice in zip(st.columns(len(said["voices"])), said["voices"]):
            with column:
                title, mark, colour = SAYS.get(voice["says"]) or text.VERDICTS[voice["says"]]
                if foreign and voice["says"] in text.VERDICTS and voice["who"] in ("model_a", "model_b"):
                    title, mark, colour = NO_FINDING
                st.markdown(text.literal(voice["title"]))
                st.badge(title, icon=mark, color=colour)
                st.caption(text.literal(text.short(voice["why"], 160)))
