"""Every kind of job keeps the rules of the registry: a new file in kinds/ is tested by being there."""

from __future__ import annotations

import ast
import dataclasses
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from cgid.errors import InputError
from cgid.jobs.kind import JobKind, all_kinds, kind_named
from cgid.params import canonical, field_type, restore

KINDS = pytest.mark.parametrize("kind", all_kinds().values(), ids=lambda kind: kind.name)


def sample(kind: JobKind) -> Any:
    """Parameters with something in every field that has no default."""
    values = {}
    for field in dataclasses.fields(kind.params):
        if field.default is dataclasses.MISSING:
            element, several, _ = field_type(kind.params, field.name)
            value = element("folder/file") if element in (Path, str) else element(1)
            values[field.name] = (value,) if several else value
    return kind.params(**values)


@KINDS
def test_parameters_are_frozen_and_explained(kind: JobKind) -> None:
    assert kind.params.__dataclass_params__.frozen
    for field in dataclasses.fields(kind.params):
        assert field.metadata["help"], field.name
        if field.metadata["choices"]:
            assert field.default in field.metadata["choices"]


@KINDS
def test_parameters_survive_the_row(kind: JobKind) -> None:
    values = canonical(sample(kind))
    assert canonical(restore(kind.params, values)) == values


@KINDS
def test_inputs_outputs_and_slot_follow_from_parameters_alone(kind: JobKind) -> None:
    params = sample(kind)
    assert all(isinstance(p, Path) for p in [*kind.inputs(params), *kind.outputs(params)])
    assert kind.outputs(params) or kind.always
    assert kind.resource_of(params) in ("cpu", "gpu")


@KINDS
def test_the_step_is_where_the_kind_says(kind: JobKind) -> None:
    module, function = kind.run.split(":")
    spec = find_spec(module)
    assert spec is not None and spec.origin is not None
    body = ast.parse(Path(spec.origin).read_text(encoding="utf-8")).body
    assert function in {node.name for node in body if isinstance(node, ast.FunctionDef)}


@KINDS
def test_words_for_people(kind: JobKind) -> None:
    assert kind.title[0].isupper() and kind.help and not kind.help.endswith(".")
    assert kind.name == kind.name.lower() and all(
        part == part.lower() for path in (kind.command, *kind.aliases) for part in path
    )


def test_plugins_add_kinds_and_a_wrong_one_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "test-count" in all_kinds()
    monkeypatch.setenv("CGID_JOB_KINDS", "no.such.package")
    with pytest.raises(InputError, match=r"no\.such\.package"):
        kind_named("promote")
    monkeypatch.setenv("CGID_JOB_KINDS", "cgid.pipelines.kinds")
    with pytest.raises(ValueError, match="share a name"):
        all_kinds()
