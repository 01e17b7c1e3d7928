"""Tables of the documentation that follow from the program say what the program says."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib.util import module_from_spec, spec_from_file_location

import pytest

from doc_pages import ROOT, text


def load_tables():
    spec = spec_from_file_location("docs_tables", ROOT / "docs" / "tables.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_tables_are_up_to_date():
    command = [sys.executable, "-m", "docs.tables", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_architecture_shows_every_room_with_its_layer():
    layers = tomllib.loads((ROOT / "docs" / "layers.toml").read_text(encoding="utf-8"))
    page = text("architecture.md")
    for name, (layer, description) in {**layers["rooms"], **layers["planned"]}.items():
        assert f"| {layer} | `{name}` | {description} |" in page


def test_a_table_is_replaced_between_its_markers_only():
    replaced = load_tables().replaced
    page = "before\n<!-- table: a -->\nold\n<!-- end -->\nafter\n"
    assert replaced(page, "a", "new") == "before\n<!-- table: a -->\n\nnew\n\n<!-- end -->\nafter\n"
    assert replaced(replaced(page, "a", "new"), "a", "new") == replaced(page, "a", "new")
    with pytest.raises(ValueError, match="no markers"):
        replaced(page, "b", "new")


def test_a_cell_with_a_bar_stays_one_cell():
    assert load_tables().table(["a"], [["x|y"]]).splitlines()[-1] == "| x\\|y |"
