"""Trains an ensemble: several trainings that differ by seed, then their mean; as one step, or as a chain of jobs.

Each training is a run of its own next to the ensemble, so a finished one is never repeated.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from cgid.errors import InputError
from cgid.jobs.kind import kind_named
from cgid.jobs.submit import Step
from cgid.progress import Progress, subrange
from cgid.train.params import AverageRunsParams, TrainModelAParams, TrainRobustParams

MAX_SEEDS = 20  # networks in one file
SEED_STEP = 1000  # between seeds: cross-fit takes those right after a training's own


def chain(training: TrainModelAParams, seeds: int) -> list[Step]:
    """The trainings, then the step that merges them into training.output_dir. Raises InputError on an invalid
    number."""
    if not 2 <= seeds <= MAX_SEEDS:
        raise InputError(f"--seeds must lie between 2 and {MAX_SEEDS}, not {seeds}; one alone is `cgid model-a train`.")
    output = training.output_dir
    trainings = []
    for i in range(seeds):
        seed = training.seed + i * SEED_STEP
        folder = output.with_name(f"{output.name}_seed{seed}")
        trainings.append(Step("train-model-a", replace(training, output_dir=folder, seed=seed)))
    average = AverageRunsParams(tuple(step.params.output_dir for step in trainings), output)
    return [*trainings, Step("average-runs", average, tuple(range(seeds)))]


def training_of(params: TrainRobustParams) -> TrainModelAParams:
    """Settings shared by all trainings; seed of the first one, folder of the ensemble."""
    return TrainModelAParams(**{f.name: getattr(params, f.name) for f in fields(params) if f.name != "seeds"})


def train_robust(params: TrainRobustParams, progress: Progress) -> dict[str, Any]:
    """Run the chain here, one step after the other; the ensemble's result. Finished trainings are not repeated.

    Raises InputError: as the training and `average_runs` do.
    """
    steps = chain(training_of(params), params.seeds)
    result: dict[str, Any] = {}
    for number, step in enumerate(steps):
        name = f"training {number + 1} of {params.seeds}" if number < params.seeds else "averaging"
        result = kind_named(step.kind).function()(step.params, subrange(progress, number, len(steps), name))
    return result | {"members": [str(step.params.output_dir) for step in steps[:-1]]}
