"""What the page *Contributing* says is true: each example, put where it says, is found and works; nothing else is edited."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from doc_pages import ROOT, blocks, text

PARTS = ("cgid", "pages", ".streamlit", "docs", "app.py")
MAX_EXAMPLE_LINES = 30
EXAMPLES = {
    re.search(r'title="([^"]+)"', info).group(1): code
    for info, code in blocks("contributing.md", "python")
    if "title=" in info
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    """The program with every example added."""
    folder = tmp_path_factory.mktemp("tree")
    for name in PARTS:
        source, target = ROOT / name, folder / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    for name, code in EXAMPLES.items():
        assert not (folder / name).exists(), f"{name} is there already"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(code, encoding="utf-8")
    return folder


@pytest.fixture
def run(tree, tmp_path):
    """Runs Python in that tree; gives what it prints."""

    def execute(*arguments: str) -> str:
        environment = {**os.environ, "PYTHONPATH": str(tree), "CGID_HOME": str(tmp_path / "home")}
        done = subprocess.run([sys.executable, *arguments], cwd=tree, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return execute


@pytest.fixture
def picture(tmp_path) -> Path:
    from PIL import Image

    path = tmp_path / "square.png"
    Image.new("RGB", (96, 96), (200, 200, 200)).save(path)
    return path


def test_each_kind_of_extension_has_an_example_of_about_ten_lines():
    kinds = re.findall(r"^\| [^|]+ \| `([\w/]+)/NAME\.py`", text("contributing.md"), re.M)
    assert len(kinds) == 7
    for folder in kinds:
        assert [name for name in EXAMPLES if name.startswith(f"{folder}/")], folder
    for name, code in EXAMPLES.items():
        assert len([line for line in code.splitlines() if line.strip()]) <= MAX_EXAMPLE_LINES, name


def test_the_feature_group_is_extracted(run, picture):
    listed = json.loads(run("-m", "cgid", "features", "--groups", "brightness", "--json"))
    assert "brightness_mean" in json.dumps(listed)
    checked = json.loads(run("-m", "cgid", "check", str(picture), "--no-record", "--json"))
    assert checked[0]["features"]["brightness_mean"] == pytest.approx(200, abs=0.01)


def test_the_check_runs_in_an_audit(run):
    program = """
import cgid, numpy as np, pandas as pd
random = np.random.default_rng(0)
table = pd.DataFrame({"label": ["real", "ai"] * 60, "noise_variance": random.normal(size=120),
                      "container_width": [32] * 3 + [512] * 117})
print([f["finding"] for f in cgid.audit(table, bootstrap=20).to_dict()["dataset_checks"] if f["code"] == "small_images"])
"""
    assert "3 images are narrower than 64 px." in run("-c", program)


def test_the_filter_is_applied(run, picture, tmp_path):
    output = tmp_path / "map.png"
    printed = run("-m", "cgid", "inspect", str(picture), "--filter", "red_channel", "--output", str(output))
    assert "Red is 200 of 255" in printed and output.is_file()


def test_the_architecture_is_built(run):
    program = """
import torch
from cgid.models.architecture import build
print(tuple(build("two_layers")(torch.zeros(2, 3, 32, 32)).shape))
"""
    assert "(2, 1)" in run("-c", program)


def test_the_evidence_is_shown_with_the_answer(run, picture):
    checked = json.loads(run("-m", "cgid", "check", str(picture), "--no-record", "--json"))
    assert "The image is 96 px square." in [each["sentence"] for each in checked[0]["evidence"]]


def test_the_job_kind_is_a_command(run, tmp_path):
    manifest = tmp_path / "manifest.csv"
    manifest.write_text("filepath,label\na.png,real\nb.png,ai\nc.png,ai\n", encoding="utf-8")
    assert "--manifest" in run("-m", "cgid", "data", "count-labels", "--help")
    printed = run("-m", "cgid", "data", "count-labels", "--manifest", str(manifest), "--json")
    assert json.loads(printed)["labels"] == {"ai": 2, "real": 1}


def test_the_page_is_shown(run):
    program = """
from streamlit.testing.v1 import AppTest
from cgid import __version__
app = AppTest.from_file("app.py", default_timeout=60)
app.switch_page("pages/installation.py").run()
assert not app.exception, [e.value for e in app.exception]
print(app.title[0].value, app.metric[0].value == __version__)
"""
    assert "Installation True" in run("-c", program)


def test_a_package_of_ones_own_adds_the_same_by_an_entry_point(run, tree, tmp_path):
    plugin = tmp_path / "plugin"
    (plugin / "my_package").mkdir(parents=True)
    code = EXAMPLES["cgid/features/groups/brightness.py"].replace("brightness", "lightness")
    (plugin / "my_package" / "lightness.py").write_text(code, encoding="utf-8")
    info = plugin / "my_package-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-package\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[cgid.feature_groups]\nlightness = my_package.lightness:GROUP\n")
    program = f"""
import sys
sys.path.insert(0, {str(plugin)!r})
from cgid.features.registry import all_groups
print("lightness" in all_groups())
"""
    assert "True" in run("-c", program)
