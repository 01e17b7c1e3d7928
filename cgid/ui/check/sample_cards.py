"""The samples as small pictures with a line each, and as a list where there is little room."""

from __future__ import annotations

import base64
from collections.abc import Callable

import streamlit as st

from cgid.forensics.samples import gallery

WIDTH = 168  # px of a card: two beside each other on a phone


def draw(chosen: Callable[[str], None]) -> None:
    """A row of cards that wraps; `chosen` is called with a sample's name."""
    st.markdown("**Or try a sample.** Each was made on this machine to show one thing.")
    with st.spinner("Making the samples", show_time=False):
        pictures = {name: gallery.small(name) for name in gallery.all_samples()}
    with st.container(horizontal=True):
        for name, small in pictures.items():
            if small is None:
                continue
            sample = gallery.all_samples()[name]
            with st.container(width=WIDTH, gap="xsmall"):
                url = "data:image/webp;base64," + base64.b64encode(small).decode()
                st.image(url, alt=f"Sample, {sample.title}: {sample.shows}", width="stretch")
                st.button(sample.title, key=f"sample-{name}", on_click=chosen, args=(name,), width="stretch")
                st.caption(sample.shows)


def what_it_shows(name: str) -> None:
    """One line on the sample that is looked at, with the filters of the bench that show it; nothing for an empty name."""
    sample = gallery.all_samples().get(name)
    if sample is None:
        return
    from cgid.bench.registry import all_filters

    titles = [all_filters()[one].title for one in sample.filters]
    closely = f" Under *Look closely*, see {', '.join(titles)}." if titles else ""
    st.caption(f"**{sample.title}** (a made sample). {sample.shows}{closely}")


def list_box(key: str, chosen: Callable[[str], None]) -> None:
    """`chosen` is called with the box's key when a sample was picked."""
    samples = gallery.all_samples()
    st.selectbox(
        "Or a sample", [name for name, s in samples.items() if s.kept or gallery.small(name)], index=None,
        format_func=lambda name: samples[name].title, key=key, on_change=chosen, args=(key,),
        placeholder="Choose a sample",
    )  # fmt: skip
