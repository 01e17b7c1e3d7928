"""`streamlit run app.py`: everything is in cgid.ui.shell and pages/."""

from cgid.ui import shell

shell.run()
