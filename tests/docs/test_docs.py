"""README and docs are true: commands, flags and files exist, examples work, pictures are there and small."""

from __future__ import annotations

import ast
import inspect
import json
import re
import subprocess
import sys
import tomllib
from functools import cache

import numpy as np
import pytest
from PIL import Image

import cgid
from doc_pages import PAGES, ROOT, blocks, prose, text

# Flags in the documentation that belong to pip, pytest, git, Dask, mkdocs and benchmarks.
OTHER_TOOLS = {"--strict", "--check", "--memory-limit", "--protocol", "--device", "--help", "--version"}
MAX_PICTURE_BYTES = 300_000


@cache
def help_of(*arguments: str) -> str:
    """`cgid COMMAND --help`; fails where there is no such command."""
    done = subprocess.run(
        [sys.executable, "-m", "cgid", *arguments, "--help"], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, f"cgid {' '.join(arguments)}: {done.stderr}"
    return done.stdout


def calls(page) -> list[list[str]]:
    """Arguments of each `cgid …` in shell blocks and inline code, up to a comment."""
    shell = re.sub(r"\\\n\s*", " ", "\n".join(code for _, code in blocks(page, "sh")))
    lines = [line.strip().split(" #")[0] for line in shell.splitlines() if line.strip().startswith("cgid ")]
    inline = re.findall(r"`(cgid [^`]*)`", prose(page))
    return [line.split()[1:] for line in [*lines, *inline]]


def command_of(arguments: list[str]) -> tuple[str, ...]:
    """The arguments before the first flag."""
    end = next((i for i, word in enumerate(arguments) if word.startswith("-")), len(arguments))
    return tuple(word for word in arguments[:end] if word != "…")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_and_flag_exists(page):
    for arguments in calls(page):
        usage = help_of(*command_of(arguments))
        for flag in (word for word in arguments if word.startswith("--")):
            assert re.search(rf"{flag}\b", usage), (arguments, flag)


def test_flags_in_sentences_are_flags_of_a_command():
    known = "\n".join(help_of(*command_of(arguments)) for page in PAGES for arguments in calls(page))
    for page in PAGES:
        for flag in set(re.findall(r"`(--[a-z][a-z-]+)", prose(page))) - OTHER_TOOLS:
            assert re.search(rf"{flag}\b", known), (page.name, flag)


def test_readme_shows_the_main_commands():
    assert len({command_of(arguments) for arguments in calls(ROOT / "README.md")}) >= 7
    assert len({command_of(arguments) for page in PAGES for arguments in calls(page)}) >= 25


def test_readme_example_works(tmp_path, monkeypatch, capsys):
    Image.fromarray(np.full((64, 64, 3), 200, np.uint8)).save(tmp_path / "photo.jpg")
    monkeypatch.chdir(tmp_path)
    ((_, source),) = blocks(ROOT / "README.md", "python")
    exec(source, {})
    assert "inconclusive" in capsys.readouterr().out


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_examples_call_what_exists(page):
    for _, source in blocks(page, "python"):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("cgid."):
                function = getattr(cgid, ast.unparse(node.func).removeprefix("cgid."))
                inspect.signature(function).bind(*node.args, **{k.arg: k.value for k in node.keywords})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_json_and_toml_examples_are_valid(page):
    for _, source in blocks(page, "json"):
        json.loads(source)
    for _, source in blocks(page, "toml"):
        tomllib.loads(source)


def test_every_feature_group_is_described_with_its_family_and_number_of_features():
    from cgid.features.registry import all_groups

    methods = text("methods.md")
    for key, group in all_groups().items():
        assert f"| `{key}` | {len(group.features)} | {group.family} |" in methods, key
    total = sum(len(g.features) for g in all_groups().values())
    readme = " ".join(text(ROOT / "README.md").split())
    assert f"{total} forensic features of {len(all_groups())} groups" in readme


def test_the_number_of_filters_is_right():
    from cgid.inspector.filter import all_filters

    for page in PAGES:
        for number in re.findall(r"(\d+) filters", prose(page)):
            assert int(number) == len(all_filters()), page.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pictures_are_there_small_and_described(page):
    for description, path in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", text(page)):
        picture = page.parent / path
        assert picture.is_file() and picture.stat().st_size < MAX_PICTURE_BYTES, path
        assert len(description) > 20, path


def test_readme_shows_one_picture():
    assert len(re.findall(r"!\[", text(ROOT / "README.md"))) == 1


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_are_named_exist(page):
    for path in re.findall(r"`((?:cgid|docs|tests|benchmarks|pages|examples)/[\w/.-]+)`", prose(page)):
        if "NAME" not in path:
            assert (ROOT / path).exists(), path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_modules_that_are_run_exist(page):
    for module in re.findall(r"python -m ((?:cgid|benchmarks|docs)[\w.]*)", text(page)):
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), module


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_value_is_left_to_fill_in(page):
    assert not re.search(r"\b(RESULTS|SPEED|SCALE_\w+|TBD|TODO|XX)\b", text(page))


def test_readme_is_short():
    assert len(text(ROOT / "README.md").splitlines()) <= 170


@pytest.mark.parametrize("name", ["requirements.txt", "tests/requirements.txt", "docs/requirements.txt"])
def test_pins_are_exact(name):
    lines = [x for x in (ROOT / name).read_text(encoding="utf-8").splitlines() if x and not x.startswith(("#", "-r "))]
    assert lines and all(re.fullmatch(r"[A-Za-z0-9_.\[\]-]+==[\w.]+", line) for line in lines)
