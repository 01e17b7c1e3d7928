"""The documentation builds without a warning, offline, and its pages load nothing from the network."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from doc_pages import ROOT, prose

OFFLINE = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "no_proxy": ""}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, **OFFLINE, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return folder


def test_every_page_is_built(site):
    pages = {path.stem for path in (ROOT / "docs").glob("*.md")}
    assert pages <= {path.stem for path in site.glob("*.html")}


def test_only_pages_and_pictures_are_published(site):
    assert not [path for path in site.rglob("*") if path.suffix in (".py", ".toml", ".txt", ".md")]


def test_pages_load_nothing_from_the_network(site):
    loads = re.compile(r"""<(?:script|img|iframe|link)\b[^>]*?(?:src|href)=["']?(?:https?:)?//[^"'> ]+""")
    for page in site.glob("*.html"):
        external = [tag for tag in loads.findall(page.read_text(encoding="utf-8")) if 'rel="canonical"' not in tag]
        assert external == [], page.name


def test_the_python_api_is_written_from_docstrings(site):
    import cgid

    page = (site / "api.html").read_text(encoding="utf-8")
    for name in (*cgid.__all__,):
        assert f"{name}</span>" in page or f">{name}<" in page, name
    first = cgid.check.__doc__.strip().splitlines()[0]
    assert first.split(",")[0] in page


def test_links_between_pages_lead_somewhere():
    for path in (ROOT / "README.md", ROOT / "benchmarks" / "README.md"):
        for target in re.findall(r"\]\(((?!http)[^)#]+)", prose(path)):
            assert (path.parent / target).exists(), (path.name, target)
