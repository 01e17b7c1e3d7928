"""Several trainings that differ by their seed, then their average: as one step here, or as a chain of jobs in the page.

Each training is a run of its own beside the average, so one that is finished is never done again, whoever asks.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from cgid.errors import InputError
from cgid.jobs.kind import kind_named
from cgid.jobs.submit import Step
from cgid.progress import Report, subrange
from cgid.train.params import AverageRunsParams, TrainModelAParams, TrainRobustParams

MOST = 20  # networks in one file
APART = 1000  # between seeds: cross-fit takes those right after a training's own


def chain(training: TrainModelAParams, seeds: int) -> list[Step]:
    """The trainings, then the step that averages them into training.output_dir. Raises InputError on a bad number."""
    if not 2 <= seeds <= MOST:
        raise InputError(f"--seeds must lie between 2 and {MOST}, not {seeds}; one alone is `cgid train-model-a`.")
    output = training.output_dir
    trainings = []
    for i in range(seeds):
        seed = training.seed + i * APART
        folder = output.with_name(f"{output.name}_seed{seed}")
        trainings.append(Step("train-model-a", replace(training, output_dir=folder, seed=seed)))
    average = AverageRunsParams(tuple(step.params.output_dir for step in trainings), output)
    return [*trainings, Step("average-runs", average, tuple(range(seeds)))]


def training_of(params: TrainRobustParams) -> TrainModelAParams:
    """What all trainings share; seed and folder are those of the first and of the average."""
    return TrainModelAParams(**{f.name: getattr(params, f.name) for f in fields(params) if f.name != "seeds"})


def train_robust(params: TrainRobustParams, report: Report) -> dict[str, Any]:
    """Run the chain here, one step after the other; the average's result. What was finished before is not done again.

    Raises InputError: as the training and `average_runs` do.
    """
    steps = chain(training_of(params), params.seeds)
    result: dict[str, Any] = {}
    for number, step in enumerate(steps):
        name = f"training {number + 1} of {params.seeds}" if number < params.seeds else "averaging"
        result = kind_named(step.kind).function()(step.params, subrange(report, number, len(steps), name))
    return result | {"members": [str(step.params.output_dir) for step in steps[:-1]]}
