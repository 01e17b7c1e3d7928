"""Every page, on an empty home and on one where the demo has run: no exception, a heading, a way on."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from cgid.settings import REPOSITORY
from page_driver import open_page, text

PAGES = sorted((REPOSITORY / "pages").glob("*.py"))
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)


@each_page
def test_page_on_an_empty_home_asks_its_question_and_offers_a_next_step(page):
    app = open_page(page.stem)
    assert app.title and app.markdown[0].value.endswith("?")
    assert app.get("page_link") or app.button or app.get("file_uploader"), "nothing to do next"


@each_page
def test_page_on_a_finished_demo_says_that_it_is_simulated(page, demo_home, monkeypatch):
    monkeypatch.setenv("CGID_HOME", str(demo_home))
    app = open_page(page.stem)
    assert app.title
    if page.stem not in ("jobs", "check", "train"):
        assert "imulated" in text(app)


def test_first_visit_offers_the_demo_and_one_press_submits_the_whole_chain(monkeypatch):
    from cgid.jobs import processes, store
    from cgid.pipelines.demo import chain

    monkeypatch.setattr(processes, "ensure_supervisor", lambda: None)
    monkeypatch.setattr("cgid.jobs.submit.ensure_supervisor", lambda: None)
    app = open_page("overview")
    app.button(key="build-demo").click().run()
    assert not app.exception
    assert sorted(job.kind for job in store.list_jobs()) == sorted(step.kind for step in chain())
    assert "Jobs are running" in text(app)


def test_threshold_slider_moves_the_matrix(demo_home, monkeypatch):
    monkeypatch.setenv("CGID_HOME", str(demo_home))
    app = open_page("results")
    before = text(app)
    app.slider[0].set_value(1.0).run()
    assert not app.exception
    assert text(app) != before
    assert "0 %" in next(m.value for m in app.markdown if "False positive rate" in m.value)


def test_results_name_the_cells_in_plain_words(demo_home, monkeypatch):
    monkeypatch.setenv("CGID_HOME", str(demo_home))
    shown = text(open_page("results"))
    assert "real photos called AI" in shown and "false positive rate" in shown.lower() and "external data" in shown


def test_leaky_set_is_called_leaking_and_matched_set_has_no_perfect_separator(demo_home, monkeypatch):
    monkeypatch.setenv("CGID_HOME", str(demo_home))
    names = ("demo_leaky_160", "demo_matched_160")
    metrics = {name: {m.label: m.value for m in open_page("leakage", audit=name).metric} for name in names}
    assert [int(metrics[name]["Perfect separators"]) > 0 for name in names] == [True, False]


def test_a_picture_is_checked_and_recorded_once(demo_home, monkeypatch):
    from cgid.records import store

    monkeypatch.setenv("CGID_HOME", str(demo_home))
    app = open_page("check")
    before = store.count_analyses()
    app.button(key="sample-demo_photo").click().run()
    assert not app.exception
    assert any(h.value.endswith(("Likely real", "Inconclusive", "Likely AI")) for h in app.header)
    assert "simulated" in text(app)
    app.run()
    assert store.count_analyses() == before + 1


def test_hostile_text_of_a_file_is_never_read_as_markdown():
    from cgid.ui.shared.text import code, literal

    hostile = "![x](http://127.0.0.1/a.png) <script> $x$ :red[y] [a](b) `c`"
    escaped = literal(hostile)
    for mark in ("![", "](", "<script", "$x", ":red", "`c"):
        assert mark not in escaped.replace("\\" + mark[0], "")
    assert code("a`b``c").startswith("```") and code("") == "` `"


@each_page
def test_page_script_is_short_and_holds_no_sql_and_no_torch(page):
    source = page.read_text()
    assert len(source.splitlines()) < 120
    assert "SELECT" not in source and "sqlalchemy" not in source
    names = [n.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import) for n in node.names]
    assert "torch" not in names and "numpy" not in names


def test_no_page_imports_torch(demo_home):
    """All pages in one process, filled: torch must not come in by any path."""
    script = (
        "import sys; from streamlit.testing.v1 import AppTest; from pathlib import Path\n"
        f"root = Path({str(REPOSITORY)!r})\n"
        "for p in sorted((root / 'pages').glob('*.py')):\n"
        "    app = AppTest.from_file(str(root / 'app.py'), default_timeout=60); app.switch_page(f'pages/{p.name}').run()\n"
        "    assert not app.exception, (p, [e.value for e in app.exception])\n"
        "    assert 'torch' not in sys.modules, p\n"
    )
    import os

    environment = {**os.environ, "CGID_HOME": str(demo_home)}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, timeout=200)
    assert done.returncode == 0, done.stderr[-2000:]
