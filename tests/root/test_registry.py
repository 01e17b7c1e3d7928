"""What modules of a package hold is registered by being there; entry points add to it, and a broken one is left out."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from cgid import registry
from cgid.errors import InputError
from cgid.registry import load

THING = "from types import SimpleNamespace as N\n"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Makes a package of modules that can be imported."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(name: str, **files: str) -> ModuleType:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
        for file, text in files.items():
            (tmp_path / name / f"{file}.py").write_text(THING + text)
        importlib.invalidate_caches()
        return importlib.import_module(name)

    return make


@pytest.fixture
def points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Installs a distribution `other` 1.0 with entry points of the group `cgid.things`."""

    def install(*lines: str) -> None:
        info = tmp_path / "other-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text("\n".join(["[cgid.things]", *lines]))
        importlib.invalidate_caches()
        registry._all_points.cache_clear()

    yield install
    registry._all_points.cache_clear()


def test_values_come_by_module_then_in_the_order_given(package) -> None:
    made = package("reg_order", b="THINGS = (N(name='z'), N(name='y'))", a="THING = N(name='x')", _c="")
    assert list(load(made, "THING")) == ["x", "z", "y"]


def test_another_attribute_may_name_a_value(package) -> None:
    made = package("reg_named", a="THING = N(verb=('jobs', 'list'))")
    assert list(load(made, "THING", name="verb")) == [("jobs", "list")]


def test_one_value_under_both_spellings_is_one(package) -> None:
    made = package("reg_both", a="THING = N(name='x')\nTHINGS = (THING, N(name='y'))")
    assert list(load(made, "THING")) == ["x", "y"]


def test_a_module_without_the_constant_is_told(package) -> None:
    with pytest.raises(AttributeError, match=r"reg_none\.a has no THING"):
        load(package("reg_none", a="OTHER = 1"), "THING")


def test_two_of_one_name_are_one_sentence_that_names_both(package) -> None:
    made = package("reg_twice", a="THING = N(name='x')", b="THING = N(name='x')")
    with pytest.raises(InputError, match=r"Duplicate name 'x': one of reg_twice\.a, one of reg_twice\.b"):
        load(made, "THING")


def test_entry_points_add_values_tuples_modules_and_packages(package, points) -> None:
    made = package("reg_own", a="THING = N(name='own')")
    package("reg_other", one="THING = N(name='one')", two="THINGS = (N(name='two'), N(name='three'))")
    package("reg_whole", m="THING = N(name='of the package')")
    points("b = reg_other.two:THINGS", "a = reg_other.one:THING", "c = reg_whole")
    assert list(load(made, "THING", entry_points="cgid.things")) == ["own", "one", "two", "three", "of the package"]
    assert list(load(made, "THING")) == ["own"], "only where a group is named"


@pytest.mark.parametrize("place", ["reg_no_such_module", "reg_bad.a:GONE", "reg_bad.b", "reg_bad.a:NAMELESS"])
def test_a_broken_entry_point_is_left_out_with_one_warning(package, points, place: str) -> None:
    made = package("reg_good", a="THING = N(name='own')")
    package("reg_bad", a="NAMELESS = 1", b="raise RuntimeError('on import')")
    package("reg_fine", a="THING = N(name='fine')")
    points(f"broken = {place}", "fine = reg_fine.a:THING")
    with pytest.warns(RuntimeWarning) as warned:
        assert list(load(made, "THING", entry_points="cgid.things")) == ["own", "fine"]
    (said,) = [str(w.message) for w in warned]
    assert f"`broken = {place}` of group cgid.things of other 1.0 cannot be used" in said
    for name in ("reg_good", "reg_bad", "reg_fine"):
        for module in [m for m in sys.modules if m.split(".")[0] == name]:
            del sys.modules[module]


def test_an_entry_point_may_not_take_a_name_that_is_there(package, points) -> None:
    made = package("reg_mine", a="THING = N(name='x')")
    package("reg_yours", a="THING = N(name='x')")
    points("x = reg_yours.a:THING")
    with pytest.raises(
        InputError, match=r"one of reg_mine\.a, one of entry point `x = reg_yours\.a:THING`.*of other 1\.0"
    ):
        load(made, "THING", entry_points="cgid.things")


def test_a_job_kind_of_another_distribution_is_a_verb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other_jobs.py").write_text(
        "from dataclasses import dataclass\nfrom cgid.jobs.kind import JobKind\n"
        "@dataclass(frozen=True)\nclass Params: pass\n"
        "KIND = JobKind('count-stars', ('count-stars',), 'Count', 'count stars', Params, 'other_jobs:run',"
        " lambda p: [], lambda p: [], always=True)\n"
    )
    info = tmp_path / "other-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[cgid.job_kinds]\nstars = other_jobs\nbroken = no.such.module\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = subprocess.run([sys.executable, "-m", "cgid", "--help"], capture_output=True, text=True)
    assert done.returncode == 0 and "count-stars" in done.stdout and "train-model-a" in done.stdout
    assert done.stderr.count("no.such.module") == 1 and "Traceback" not in done.stderr
