"""The package: ranges that the exact pins lie in, a wheel with everything in it, and a core that needs no torch."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import time
import tomllib
import urllib.request
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from packaging.requirements import Requirement
from PIL import Image

from cgid.extras import EXTRAS
from installed import ROOT, build_wheel, environment, run, source_tree

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRA = PROJECT["optional-dependencies"]
CORE_STEPS = """
import sys, json, numpy as np, cgid
folder = sys.argv[1]
checked = cgid.check(folder + "/a.png")
table = cgid.extract_features([folder + "/a.png", folder + "/b.png"])
random = np.random.default_rng(0)
many = table.sample(80, replace=True, random_state=0, ignore_index=True).assign(label=["ai", "real"] * 40)
many["noise_variance"] = random.normal(0, 1, 80)
many = many.drop(columns="record_id")
report = cgid.audit(many, groups=None, bootstrap=20)
ablation = cgid.ablate(many, folds=2, repeats=1)
metrics = cgid.evaluate([0, 1] * 20, random.random(40))
try:
    metrics.plot()
    plot = "drawn"
except cgid.InputError as error:
    plot = str(error)
import importlib.util
absent = [n for n in sys.argv[2:] if importlib.util.find_spec(n) is None]
print(json.dumps({"verdict": checked.verdict, "rows": len(table), "columns": table.shape[1], "verdict_of_audit": report.verdict,
                  "arms": sorted(set(ablation.frame()["plan"])), "auc": metrics["auc"].value, "plot": plot, "absent": absent,
                  "html": len(checked._repr_html_()) + len(metrics._repr_html_()), "file": cgid.__file__}))
"""


def pins(name: str) -> dict[str, str]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return dict(line.lower().split("==") for line in lines if line and not line.startswith(("#", "-r ")))


def requirements(lines: list[str]) -> dict[str, Requirement]:
    every = [Requirement(line) for line in lines]
    return {r.name.lower(): r for r in every if r.name != "cgid"}


def test_every_pin_lies_in_its_range_and_nothing_else_is_pinned():
    needed = requirements(PROJECT["dependencies"])
    for extra in EXTRAS:
        needed |= requirements(EXTRA[extra])
    tests, docs = requirements(EXTRA["test"]), requirements(EXTRA["docs"])
    for own, file in (
        (needed, "requirements.txt"),
        (tests, "tests/requirements.txt"),
        (docs, "docs/requirements.txt"),
    ):
        assert set(own) == set(pins(file))
        assert [n for n, version in pins(file).items() if not own[n].specifier.contains(version)] == []


def test_extras_are_the_ones_the_program_knows():
    assert set(EXTRA) == {*EXTRAS, "all", "test", "docs"}
    assert [Requirement(r).extras for r in EXTRA["all"]] == [set(EXTRAS)]
    for extra, libraries in EXTRAS.items():
        assert len(EXTRA[extra]) == len(libraries)


def test_the_readme_installs_the_pins():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = [line for line in readme.splitlines() if "pip install" in line and "-m venv" in line]
    assert len(commands) == 2 and all("requirements.txt" in c and "[all" in c for c in commands)
    assert "-r requirements.txt" in commands[0] and "-r tests/requirements.txt" in commands[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


def test_the_wheel_holds_all_of_the_package_and_the_dashboard(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    package = [p for p in (ROOT / "cgid").rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    assert [str(p) for p in package if p.relative_to(ROOT).as_posix() not in names] == []
    dashboard = [ROOT / "app.py", ROOT / ".streamlit" / "config.toml", *(ROOT / "pages").glob("*.py")]
    assert len(dashboard) > 10
    assert [str(p) for p in dashboard if f"cgid/ui/dashboard/{p.relative_to(ROOT).as_posix()}" not in names] == []
    top = {n.partition("/")[0] for n in names}
    assert {n for n in top if not n.endswith(".dist-info")} == {"cgid"}


@pytest.fixture(scope="module")
def core(tmp_path_factory) -> Path:
    """Python of an environment into which only `pip install .` was done."""
    folder = tmp_path_factory.mktemp("core")
    python = environment(folder / "venv", here_too=False)
    run([str(python), "-m", "pip", "install", "-q", str(source_tree(folder / "source"))])
    return python


@pytest.fixture
def pictures(tmp_path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name in ("a", "b"):
        noise = np.random.default_rng(ord(name)).integers(0, 255, (64, 64, 3), np.uint8)
        Image.fromarray(noise).save(folder / f"{name}.png")
    return folder


@pytest.mark.slow
def test_the_core_alone_checks_extracts_audits_and_evaluates(core, pictures, tmp_path):
    libraries = [name for names in EXTRAS.values() for name in names]
    asked = [str(core), "-c", CORE_STEPS, str(pictures), *libraries]
    home = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"CGID_HOME": str(tmp_path / "home")}
    told = json.loads(run(asked, cwd=tmp_path, env=home))
    assert {"torch", "streamlit", "altair", "plotly"} <= set(told["absent"])
    assert set(told["absent"]) == set(libraries)
    assert told["verdict"] == "inconclusive" and told["rows"] == 2 and told["columns"] > 290
    assert told["verdict_of_audit"] and told["arms"] == ["all", "no_format", "no_jpeg"] and 0 <= told["auc"] <= 1
    assert told["plot"] == "This needs altair, which is not installed: pip install 'cgid[app]'." and told["html"]
    assert not Path(told["file"]).is_relative_to(ROOT)
    asked = [str(core), "-m", "cgid", "check", str(pictures / "a.png"), "--json"]
    assert json.loads(run(asked, cwd=tmp_path, env=home))[0]["verdict"] == "inconclusive"
    manifest = str(tmp_path / "m.csv")
    pictures_of = {"filepath": [str(pictures / "a.png"), str(pictures / "b.png")] * 20, "label": ["real", "ai"] * 20}
    pd.DataFrame(pictures_of).to_csv(manifest, index=False)
    roles = [word for role in ("train", "val", "test") for word in (f"--{role}-manifest", manifest)]
    training = ["train-model-a", *roles, "--output-dir", str(tmp_path / "run")]
    for words, library in ((["app"], "streamlit"), (["demo", "--count", "80"], "torch"), (training, "torch")):
        done = subprocess.run([str(core), "-m", "cgid", *words], cwd=tmp_path, env=home, capture_output=True, text=True)
        assert done.returncode == 2 and "pip install 'cgid[" in done.stderr and library in done.stderr, done.stderr


@pytest.mark.slow
def test_the_dashboard_starts_from_an_installed_wheel(wheel, tmp_path):
    python = environment(tmp_path / "venv", here_too=True)
    run([str(python), "-m", "pip", "install", "-q", "--no-deps", "--force-reinstall", str(wheel)])
    (tmp_path / "work" / "cgid-home").mkdir(parents=True)
    quiet = {k: v for k, v in os.environ.items() if not k.startswith(("CGID_", "PYTHONPATH", "STREAMLIT_"))}
    where = "from cgid.settings import app_folder, settings; print(app_folder(), settings().home, sep='\\n')"
    folder, home = run([str(python), "-c", where], cwd=tmp_path / "work").splitlines()
    assert Path(folder).is_relative_to(tmp_path / "venv") and Path(home) == tmp_path / "work" / "cgid-home"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app = subprocess.Popen(
        [str(python), "-m", "cgid", "app", "--port", str(port)],
        cwd=tmp_path / "work",
        env=quiet,
        start_new_session=True,
    )
    try:
        for path in ("_stcore/health", "", "check", "leakage"):
            assert status(f"http://localhost:{port}/{path}") == 200
        # the server's directory is that of .streamlit/config.toml
        shown = run([str(python), "-m", "streamlit", "config", "show"], cwd=folder)
        assert re.search(r'^toolbarMode = "minimal"', shown, re.M) and re.search(r"^maxUploadSize = 2048", shown, re.M)
    finally:
        os.killpg(app.pid, signal.SIGTERM)
        app.wait(60)


def status(address: str) -> int:
    end = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return answer.status
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.3)


@pytest.mark.slow
def test_every_page_runs_from_an_installed_wheel(wheel, tmp_path):
    """As a session would, without a browser."""
    python = environment(tmp_path / "venv", here_too=True)
    run([str(python), "-m", "pip", "install", "-q", "--no-deps", "--force-reinstall", str(wheel)])
    code = (
        "from streamlit.testing.v1 import AppTest\n"
        "from cgid.settings import app_folder\n"
        "from cgid.ui.shell import page_files\n"
        "app = AppTest.from_file(str(app_folder() / 'app.py'), default_timeout=120).run()\n"
        "for page in page_files().values():\n"
        "    assert app_folder() in page.path.parents\n"
        "    app.switch_page(f'pages/{page.path.name}').run()\n"
        "    assert not app.exception, (page, app.exception)\n"
        "print(len(page_files()))\n"
    )
    home = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"CGID_HOME": str(tmp_path / "home")}
    shown = run([str(python), "-c", code], cwd=tmp_path, env=home)
    assert int(shown.split()[-1]) == len(list((ROOT / "pages").glob("*.py")))
