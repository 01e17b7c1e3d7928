"""A file is in a registry by being there, under its own name; one that holds nothing is a mistake that is told."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from cgid.found import found_in, named_in


def package(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, **files: str):
    (folder / name).mkdir()
    (folder / name / "__init__.py").touch()
    for file, text in files.items():
        (folder / name / f"{file}.py").write_text(text)
    monkeypatch.syspath_prepend(str(folder))
    return importlib.import_module(name)


def test_files_are_found_by_name_in_order(tmp_path, monkeypatch):
    made = package(tmp_path, monkeypatch, "found_two", b="THING = 2", a="THING = 1")
    assert list(found_in(made, "THING").items()) == [("a", 1), ("b", 2)]


def test_a_file_without_the_constant_is_told(tmp_path, monkeypatch):
    made = package(tmp_path, monkeypatch, "found_none", a="OTHER = 1")
    with pytest.raises(AttributeError, match="THING"):
        found_in(made, "THING")


def test_a_file_named_unlike_what_it_holds_is_told(tmp_path, monkeypatch):
    text = "class THING:\n    name = 'b'\n"
    with pytest.raises(ValueError, match=r"a\.py holds 'b'"):
        named_in(package(tmp_path, monkeypatch, "found_other", a=text), "THING")
