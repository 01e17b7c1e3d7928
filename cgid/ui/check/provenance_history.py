"""Content credentials as a history: the timeline, then each manifest with its statements and its validation state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st
from PIL import Image

from cgid.forensics.provenance.credentials import RELATIONSHIPS, merge_repeats
from cgid.forensics.provenance.history import Thumbnails
from cgid.ui.shared import text
from cgid.ui.shared.load import data_url

MAKERS = {
    "ai": ("AI-generated", ":material/smart_toy:", "orange"),
    "partly_ai": ("partly AI-generated", ":material/smart_toy:", "orange"),
    "camera": ("taken by a camera", ":material/photo_camera:", "blue"),
    "software": ("made with software", ":material/brush:", "blue"),
}
USES, WIDTH = set(RELATIONSHIPS.values()), 140  # px
MAX_OPEN = 4  # manifests shown at once; the rest of a longer history is folded


def show(provenance: dict[str, Any], thumbnails: Sequence[Thumbnails] = ()) -> None:
    """provenance: of the object of `check --json`. thumbnails: those of each manifest. Nothing is shown without readable credentials."""
    entries = provenance.get("timeline") or []
    if not entries:
        return
    from cgid.charts import provenance_timeline

    st.subheader("Content credentials", anchor=False)
    st.altair_chart(
        provenance_timeline.timeline_chart(entries), width="stretch", alt=provenance_timeline.describe(entries)
    )
    st.caption(
        "Oldest first. A valid signature shows that a credential has not been changed since; an unknown signer or an "
        "expired certificate is not evidence against the image."
    )
    small = list(thumbnails) if len(thumbnails) == len(entries) else [Thumbnails(None, ())] * len(entries)
    numbered = list(zip(range(1, len(entries) + 1), entries, small))[::-1]
    for number, entry, pictures in numbered[:MAX_OPEN]:
        _manifest(number, entry, pictures)
    if rest := numbered[MAX_OPEN:]:
        box = st.expander(f"Earlier credentials ({len(rest)})", key="accounts", on_change="rerun")
        if box.open:
            with box:
                for number, entry, pictures in rest:
                    _manifest(number, entry, pictures)


def _manifest(number: int, entry: dict[str, Any], pictures: Thumbnails) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{number} · {text.literal(entry['title'] or 'untitled')}**")
            _badges(entry)
        for line in lines(entry):
            st.markdown(f"- {text.literal(line)}")
        _pictures(number, entry, pictures)


def _pictures(number: int, entry: dict[str, Any], pictures: Thumbnails) -> None:
    """Thumbnails of the signed image and of its ingredients, as the signer stored them."""
    from cgid.charts.provenance_timeline import state

    shown = [(pictures.own, "as signed", f"Credential {number} as signed, {state(entry)}.")]
    for used, pixels in zip(entry["ingredients"], pictures.ingredients):
        # A caption is Markdown, so an untrusted title stands in the alternative text only.
        shown.append(
            (
                pixels,
                used["use"] if used["use"] in USES else "ingredient",
                f"Ingredient of credential {number}: {used['title'] or 'an untitled image'}.",
            )
        )
    there = [(pixels, title, alt) for pixels, title, alt in shown if pixels is not None]
    if there:
        with st.container(horizontal=True):
            for pixels, title, alt in there:
                st.image(data_url(Image.fromarray(pixels)), caption=title, width=WIDTH, alt=alt)


def _badges(entry: dict[str, Any]) -> None:
    if not entry["fits"]:
        st.badge("does not match", icon=":material/gpp_bad:", color="red")
    elif entry["newest"]:
        st.badge("matches the image", icon=":material/verified:", color="green")
    else:
        st.badge("intact", icon=":material/check:", color="blue")
    if entry["trusted"]:
        st.badge("signer on the trust list", icon=":material/verified_user:", color="green")
    else:
        st.badge("unknown signer", icon=":material/help:", color="gray")
    if entry["made_by"] in MAKERS:
        title, icon, colour = MAKERS[entry["made_by"]]
        st.badge(title, icon=icon, color=colour)


def lines(entry: dict[str, Any]) -> list[str]:
    """The statements of a manifest, a sentence each; still untrusted text."""
    who = entry["signer"] or "an unnamed signer"
    if entry["certificate"] and entry["certificate"] != entry["signer"]:
        who += f" ({entry['certificate']})"
    when = f", {moment(entry['signed_at'])}" if entry["signed_at"] else ", at an unstated time"
    sentences = [f"Signed by {who}{when}. {entry['trust']}", entry["integrity"]]
    written = [f"created with {entry['generator']}"] if entry["generator"] else []
    written += [f"declared author: {entry['author']}"] if entry["author"] else []
    if written:
        sentence = "; ".join(written)
        sentences.append(f"{sentence[0].upper()}{sentence[1:]}.")
    steps = merge_repeats([_step(action) for action in entry["actions"]])
    if entry["more_actions"]:
        steps.append(f"and {entry['more_actions']} more")
    sentences.append(f"Actions: {'; '.join(steps)}." if steps else "No actions are listed.")
    used = [_used(ingredient) for ingredient in entry["ingredients"]]
    if entry["more_ingredients"]:
        used.append(f"and {entry['more_ingredients']} more")
    if used:
        sentences.append(f"Ingredients: {'; '.join(used)}.")
    if not entry["linked"]:
        sentences.append("No other credential refers to this one: the link is missing.")
    return sentences


def moment(text: str) -> str:
    """`2023-01-24 14:48:58 UTC` of an ISO time; any other text as it is."""
    return text.replace("T", " ", 1).replace("+00:00", " UTC") if text[:4].isdigit() else text


def _step(action: dict[str, str]) -> str:
    maker = {"ai": "by AI", "partly_ai": "partly by AI", "camera": "by a camera", "software": "by software"}
    about = [maker.get(action["made_by"], ""), action["by"], action["note"], moment(action["when"])]
    about = [text for text in about if text]
    return action["words"] + (f" ({', '.join(about)})" if about else "")


def _used(ingredient: dict[str, Any]) -> str:
    title = f"“{ingredient['title']}”" if ingredient["title"] else "an untitled image"
    if ingredient["missing"]:
        signed = "credential missing"
    else:
        signed = f"credential {ingredient['entry'] + 1}" if ingredient["entry"] is not None else "unsigned"
    return f"{title}, {ingredient['use']} ({signed})" if ingredient["use"] else f"{title} ({signed})"
