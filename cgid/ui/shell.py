"""The frame around every page: navigation from the files in pages/, robust to deep links."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import streamlit as st

from cgid.settings import app_folder

PAGES = app_folder() / "pages"
HERE = Path(__file__).parent
SECTIONS = ("Analyse", "Build", "Evaluate", "Run")


@dataclass(frozen=True, slots=True)
class PageFile:
    """What a page file declares in `PAGE = {…}`; there is no central list of pages."""

    path: Path
    title: str
    question: str
    icon: str
    section: str
    order: int
    default: bool = False


@cache
def page_files() -> dict[str, PageFile]:
    """{file stem: page}, by section and order. Read as text: listing pages runs none of them."""
    pages = []
    for path in sorted(PAGES.glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "PAGE":
                pages.append(PageFile(path=path, **ast.literal_eval(node.value)))
    pages.sort(key=lambda p: (SECTIONS.index(p.section), p.order))
    return {p.path.stem: p for p in pages}


def frame():
    """Title, icon and sidebar. Returns the page that the address asks for."""
    st.set_page_config(page_title="cgid", page_icon=str(HERE / "icon.svg"), layout="wide")
    st.logo(HERE / "logo.svg", size="large")
    sections: dict[str, list] = {name: [] for name in SECTIONS}
    for page in page_files().values():
        sections[page.section].append(st.Page(page.path, title=page.title, icon=page.icon, default=page.default))
    return st.navigation({name: pages for name, pages in sections.items() if pages}, expanded=True)


def run() -> None:
    """What app.py does."""
    st.session_state["_framed"] = True
    frame().run()


def page(file: str) -> None:
    """Every page's first call, with `__file__`: heading and the question that the page answers.

    The first request to a server started by `streamlit run`, and AppTest, run the page without app.py: then the
    frame is drawn here. `cgid app` starts the server so that this does not happen (`serve.py`).
    """
    if not st.session_state.pop("_framed", False):
        frame()
    about = page_files()[Path(file).stem]
    st.title(about.title, anchor=False)
    st.markdown(about.question)


def link(stem: str, label: str = "", **query: str) -> None:
    """A link to another page by its file stem. query: query parameters of the link, e.g. `group="noise"`."""
    about = page_files()[stem]
    st.page_link(about.path, label=label or about.title, icon=about.icon, query_params=query or None)
