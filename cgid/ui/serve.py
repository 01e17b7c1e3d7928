"""Starts Streamlit's server so that the first visit after a start is like every later one: `python -m cgid.ui.serve run …`.

Beside a folder `pages/` Streamlit runs the very first request as an app of its older kind, without app.py, and only
learns from it that `st.navigation` is used. The widgets of that run belong to another page than those of the next, so a
person's first click on a server just started was lost. Here it knows from the start.
"""

from __future__ import annotations

import sys

from streamlit.runtime.pages_manager import PagesManager
from streamlit.web.cli import main

if __name__ == "__main__":
    PagesManager.uses_pages_directory = False
    sys.exit(main(prog_name="streamlit"))
