"""Starts Streamlit's server so that the first request is handled like every later one: `python -m cgid.ui.serve run …`.

Next to a folder `pages/` Streamlit handles the first request as an app of its older kind, without app.py, and learns only
from it that `st.navigation` is used. The widgets of that run belong to another page than those of the next, so the first
click on a freshly started server would be lost. Here the server knows from the start.
"""

from __future__ import annotations

import sys

from streamlit.runtime.pages_manager import PagesManager
from streamlit.web.cli import main

if __name__ == "__main__":
    PagesManager.uses_pages_directory = False
    sys.exit(main(prog_name="streamlit"))
