"""An image that hangs, swells or kills its process costs only itself, and its reason is one clear sentence."""

from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest

import counting_groups
from cgid.extraction import extract as module
from cgid.extraction.extract import extract
from cgid.extraction.params import ExtractParams
from synthetic_images import encoded, photo, write_manifest

NAMES = ["a.png", "hang.png", "b.png", "die.png", "raise.png", "swell.png", "exit.png", "c.png"]


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("CGID_HOME", str(tmp_path))
    monkeypatch.setenv("CGID_MEMORY_LIMIT_MB", "400")
    monkeypatch.setattr("cgid.extraction.dispatch.SECONDS_PER_IMAGE", 2)
    monkeypatch.setattr(module, "select_groups", lambda keys: {"fragile": counting_groups.FRAGILE})
    return tmp_path


def measure(home: Path, names: list[str], workers: int = 2) -> tuple[dict, pd.DataFrame, dict[str, str]]:
    """(what extract returned, its table by file name, {file name: why it failed})."""
    for i, name in enumerate(names):
        (home / name).write_bytes(encoded(photo(seed=i)))
    write_manifest(home, names)
    result = extract(ExtractParams(home / "m.csv", home / "f.parquet", workers=workers))
    failures = pd.read_csv(home / "failures.csv")
    reasons = {Path(p).name: reason for p, reason in zip(failures["filepath"], failures["reason"])}
    return result, pd.read_parquet(home / "f.parquet").set_index("filename"), reasons


def test_each_bad_image_costs_itself_and_says_why(home):
    result, table, reasons = measure(home, NAMES)
    assert list(table.index) == ["a.png", "b.png", "raise.png", "c.png"]
    assert reasons == {
        "hang.png": "hang.png took longer than 2 s.",
        "die.png": "die.png: the worker process died (SIGSEGV).",
        "swell.png": "swell.png needed more than 400 MB of memory.",
        "exit.png": "exit.png: the worker process died (exit code 0).",
    }
    assert np.isnan(table.loc["raise.png", "fragile_width"]) and table.loc["raise.png", "fragile_missing"] == 1
    problem = result["problems"]["fragile"]
    assert problem["images"] == 1 and "this group fails" in problem["reason"]


def test_code_that_never_lets_the_interpreter_go_is_ended_too(home):
    _, table, reasons = measure(home, ["deaf.png", "a.png"], workers=1)
    assert list(table.index) == ["a.png"] and reasons == {"deaf.png": "deaf.png took longer than 2 s."}


def test_the_limit_is_for_one_image_not_for_a_chunk_of_many(home, monkeypatch):
    monkeypatch.setattr("cgid.extraction.dispatch.SECONDS_PER_IMAGE", 0.5)
    monkeypatch.setenv("COUNT_LOG", str(home / "count.log"))
    monkeypatch.setattr(module, "select_groups", lambda keys: {"count": counting_groups.COUNT})
    _, table, reasons = measure(home, [f"{i}.png" for i in range(80)], workers=1)
    assert len(table) == 80 and not reasons


def test_no_process_is_left_when_the_table_is_written(home):
    before = set(psutil.Process().children(recursive=True))
    measure(home, ["a.png", "hang.png", "b.png"])
    psutil.wait_procs(set(psutil.Process().children(recursive=True)) - before, timeout=3)
    assert set(psutil.Process().children(recursive=True)) <= before
