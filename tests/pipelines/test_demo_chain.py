"""The demo chain: every step is a known kind, waits for what makes its inputs, and promotes only honest models."""

from pathlib import Path

import pytest

from cgid.jobs.kind import kind_named
from cgid.pipelines import demo


@pytest.fixture
def steps(tmp_path, monkeypatch):
    monkeypatch.setenv("CGID_HOME", str(tmp_path))
    return demo.chain()


def _ancestors(steps, place: int) -> set[int]:
    found: set[int] = set()
    for before in steps[place].after:
        found |= {before} | _ancestors(steps, before)
    return found


def test_every_step_is_a_kind_with_its_own_parameters_and_waits_only_for_earlier_steps(steps):
    for place, step in enumerate(steps):
        assert isinstance(step.params, kind_named(step.kind).params)
        assert all(before < place for before in step.after)


def test_every_input_is_made_by_a_step_that_is_waited_for(steps):
    made = [[Path(o) for o in kind_named(s.kind).outputs(s.params)] for s in steps]
    for place, step in enumerate(steps):
        before = [output for other in _ancestors(steps, place) for output in made[other]]
        for needed in kind_named(step.kind).inputs(step.params):
            assert any(needed == output or output in needed.parents for output in before), (step.kind, needed)


def test_no_two_steps_write_the_same_place(steps):
    outputs = [o for s in steps for o in kind_named(s.kind).outputs(s.params)]
    assert len(outputs) == len(set(outputs))


def test_both_models_are_promoted_and_the_trap_is_not(steps):
    promoted = {(s.params.run.parent.name, s.params.run.name) for s in steps if s.kind == "promote"}
    assert promoted == {("model_a", "demo"), ("model_b", "demo")}
    assert any(s.kind == "train-model-b" and s.params.output_dir.name == "demo_leaky_trap" for s in steps)


def test_model_a_never_sees_the_leaky_set(steps):
    training = next(s.params for s in steps if s.kind == "train-model-a")
    assert all(
        "demo_matched" in p.parts for p in (training.train_manifest, training.val_manifest, training.test_manifest)
    )
    leaky = next(s.params for s in steps if s.kind == "extract" and "demo_leaky" in s.params.output.parts)
    assert "model_a" not in leaky.groups.split(",") and leaky.model_a is None


def test_a_demo_of_another_size_touches_nothing_of_the_usual_one(steps):
    small = demo.chain(count=40)
    assert (steps[0].params.count, small[0].params.count) == (800, 40)
    of = [{o for s in chain for o in kind_named(s.kind).outputs(s.params)} for chain in (steps, small)]
    assert not of[0] & of[1]
    assert all("40" in str(o) for o in of[1])
