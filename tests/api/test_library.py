"""`import cgid`: light, complete, and with the signatures that the design promises."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
import types
from pathlib import Path

import pytest

import cgid

SIGNATURES = {
    "check": "(image, *, model_a=None, model_b=None, evidence=True)",
    "extract_features": "(images, groups=None, *, workers=1)",
    "audit": "(frame, target='label', groups=None, *, bootstrap=200, seed=2026)",
    "ablate": "(frame, target='label', groups=None, *, plan='presets', models=('linear',), folds=5, repeats=5, seed=2026)",
    "evaluate": "(y_true, score, groups=None, *, threshold=0.5, bootstrap=500, seed=2026)",
    "load_run": "(path)",
}


def test_importing_it_imports_nothing_else():
    names = "[m for m in sys.modules if m.partition('.')[0] in ('cgid', 'numpy', 'pandas')]"
    code = f"import cgid, sys, json; print(json.dumps({names}))"
    loaded = json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
    assert set(loaded) == {"cgid", "cgid.audit", "cgid.evaluate"}


@pytest.mark.parametrize("name", SIGNATURES)
def test_signatures_are_those_of_the_design(name):
    shown = inspect.signature(getattr(cgid, name))
    bare = [p.replace(annotation=inspect.Parameter.empty) for p in shown.parameters.values()]
    assert str(shown.replace(parameters=bare, return_annotation=inspect.Signature.empty)) == SIGNATURES[name]
    assert all(p.annotation is not inspect.Parameter.empty for p in shown.parameters.values())


@pytest.mark.parametrize("name", cgid.__all__)
def test_every_name_is_there_and_documented(name):
    found = getattr(cgid, name)
    assert name in dir(cgid)
    while isinstance(found, types.ModuleType):
        found = found.__wrapped__
    assert found.__doc__ and callable(found)
    if name in SIGNATURES:
        assert "Raises InputError" in found.__doc__


def test_a_room_with_the_name_of_a_function_is_both():
    from cgid.evaluate import metrics
    from cgid.evaluate.intervals import wilson

    assert cgid.evaluate.metrics is metrics and wilson(1, 2)
    assert cgid.evaluate([0, 1], [0.1, 0.9], bootstrap=0)["auc"].value == 1.0
    with pytest.raises(AttributeError, match="no attribute 'magic'"):
        _ = cgid.magic


def test_every_function_whose_name_is_a_room_can_be_called():
    """In whatever order the room and the function are first asked for."""
    rooms = [n for n in SIGNATURES if (Path(cgid.__file__).parent / n / "__init__.py").is_file()]
    for name in rooms:
        for code in (f"import cgid.{name}, cgid; cgid.{name}", f"from cgid import {name}; {name}"):
            subprocess.run([sys.executable, "-c", f"{code}; assert callable({code.split('; ')[-1]})"], check=True)
    assert not (Path(cgid.__file__).parent / "check").exists()


def test_types_are_declared():
    assert (Path(cgid.__file__).parent / "py.typed").is_file()
