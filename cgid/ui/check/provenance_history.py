"""Content credentials as a history: the drawing, then each signed account with what it says and whether it holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st
from PIL import Image

from cgid.forensics.provenance.credentials import RELATIONSHIPS, counted
from cgid.forensics.provenance.history import Thumbnails
from cgid.ui.shared import text
from cgid.ui.shared.load import data_url

MAKERS = {
    "ai": ("made by AI", ":material/smart_toy:", "orange"),
    "partly_ai": ("AI had a part", ":material/smart_toy:", "orange"),
    "camera": ("taken by a camera", ":material/photo_camera:", "blue"),
    "software": ("made by software", ":material/brush:", "blue"),
}
USES, WIDTH = set(RELATIONSHIPS.values()), 140  # px
OPEN = 4  # accounts shown at once; longer histories wait until they are asked for


def show(said: dict[str, Any], kept: Sequence[Thumbnails] = ()) -> None:
    """said: `found["provenance"]`. kept: the small pictures of each account. Nothing where no credentials can be read."""
    entries = said.get("timeline") or []
    if not entries:
        return
    from cgid.charts import provenance_timeline

    st.subheader("Content credentials", anchor=False)
    st.altair_chart(provenance_timeline.figure(entries), width="stretch", alt=provenance_timeline.finding(entries))
    st.caption(
        "Oldest first. A signature shows that an account was not changed since; an unknown signer or a certificate that "
        "has run out says nothing against the picture."
    )
    small = list(kept) if len(kept) == len(entries) else [Thumbnails(None, ())] * len(entries)
    told = list(zip(range(1, len(entries) + 1), entries, small))[::-1]
    for number, entry, pictures in told[:OPEN]:
        _account(number, entry, pictures)
    if rest := told[OPEN:]:
        box = st.expander(f"Earlier accounts ({len(rest)})", key="accounts", on_change="rerun")
        if box.open:
            with box:
                for number, entry, pictures in rest:
                    _account(number, entry, pictures)


def _account(number: int, entry: dict[str, Any], pictures: Thumbnails) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{number} · {text.literal(entry['title'] or 'without a title')}**")
            _badges(entry)
        for line in lines(entry):
            st.markdown(f"- {text.literal(line)}")
        _pictures(number, entry, pictures)


def _pictures(number: int, entry: dict[str, Any], pictures: Thumbnails) -> None:
    """What the account, and what it was made of, looked like, as its signer kept it."""
    from cgid.charts.provenance_timeline import state

    said = [(pictures.own, "as it was signed", f"Account {number} as it was signed, {state(entry)}.")]
    for used, pixels in zip(entry["ingredients"], pictures.ingredients):
        # A caption is Markdown, so a stranger's title stands in the alternative text only.
        said.append(
            (
                pixels,
                used["use"] if used["use"] in USES else "made of",
                f"Account {number} says that it was made of this: {used['title'] or 'a picture without a name'}.",
            )
        )
    there = [(pixels, title, alt) for pixels, title, alt in said if pixels is not None]
    if there:
        with st.container(horizontal=True):
            for pixels, title, alt in there:
                st.image(data_url(Image.fromarray(pixels)), caption=title, width=WIDTH, alt=alt)


def _badges(entry: dict[str, Any]) -> None:
    if not entry["fits"]:
        st.badge("does not fit", icon=":material/gpp_bad:", color="red")
    elif entry["newest"]:
        st.badge("fits the picture", icon=":material/verified:", color="green")
    else:
        st.badge("nothing broken", icon=":material/check:", color="blue")
    if entry["trusted"]:
        st.badge("signer on the trust list", icon=":material/verified_user:", color="green")
    else:
        st.badge("signer not known here", icon=":material/help:", color="gray")
    if entry["made_by"] in MAKERS:
        title, icon, colour = MAKERS[entry["made_by"]]
        st.badge(title, icon=icon, color=colour)


def lines(entry: dict[str, Any]) -> list[str]:
    """What an account says, a sentence each; still a stranger's text."""
    who = entry["signer"] or "an unnamed signer"
    if entry["certificate"] and entry["certificate"] != entry["signer"]:
        who += f" ({entry['certificate']})"
    when = f", {moment(entry['signed_at'])}" if entry["signed_at"] else ", at a time that is not stated"
    found = [f"Signed by {who}{when}. {entry['trust']}", entry["integrity"]]
    written = [f"written by {entry['generator']}"] if entry["generator"] else []
    written += [f"names as author: {entry['author']}"] if entry["author"] else []
    if written:
        said = "; ".join(written)
        found.append(f"{said[0].upper()}{said[1:]}.")
    steps = counted([_step(action) for action in entry["actions"]])
    if entry["more_actions"]:
        steps.append(f"and {entry['more_actions']} more")
    found.append(f"Steps: {'; '.join(steps)}." if steps else "It lists no steps.")
    used = [_used(ingredient) for ingredient in entry["ingredients"]]
    if entry["more_ingredients"]:
        used.append(f"and {entry['more_ingredients']} more")
    if used:
        found.append(f"Made of: {'; '.join(used)}.")
    if not entry["linked"]:
        found.append("No other account here names this one: the link to it is gone.")
    return found


def moment(text: str) -> str:
    """`2023-01-24 14:48:58 UTC` of an ISO time; any other text as it is."""
    return text.replace("T", " ", 1).replace("+00:00", " UTC") if text[:4].isdigit() else text


def _step(action: dict[str, str]) -> str:
    maker = {"ai": "by AI", "partly_ai": "partly by AI", "camera": "by a camera", "software": "by software"}
    about = [maker.get(action["made_by"], ""), action["by"], action["note"], moment(action["when"])]
    about = [text for text in about if text]
    return action["words"] + (f" ({', '.join(about)})" if about else "")


def _used(ingredient: dict[str, Any]) -> str:
    title = f"“{ingredient['title']}”" if ingredient["title"] else "a picture without a name"
    if ingredient["missing"]:
        signed = "its account is missing"
    else:
        signed = f"account {ingredient['entry'] + 1}" if ingredient["entry"] is not None else "unsigned"
    return f"{title}, {ingredient['use']} ({signed})" if ingredient["use"] else f"{title} ({signed})"
