"""Opens a page of the dashboard and reads its text, for the tests of pages."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from cgid.settings import REPOSITORY


def open_page(name: str, **query: str) -> AppTest:
    """The page `pages/<name>.py`, run once without an exception. query: of its address."""
    app = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=120)
    for key, value in query.items():
        app.query_params[key] = value
    app.switch_page(f"pages/{name}.py").run()
    assert not app.exception, [e.value for e in app.exception]
    return app


def text(app: AppTest) -> str:
    """All words of the page outside charts and tables."""
    kinds = (
        app.markdown, app.caption, app.text, app.header, app.subheader, app.info, app.warning, app.error, app.success,
    )  # fmt: skip
    return "\n".join(str(e.value) for kind in kinds for e in kind)
