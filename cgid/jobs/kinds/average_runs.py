"""Trainings of one network in, their average as one Model A run out."""

from cgid.artifacts import ONNX_MODEL, RUN_MANIFEST
from cgid.jobs.kind import JobKind
from cgid.studies.average_params import AverageRunsParams

KIND = JobKind(
    name="average-runs",
    verb=("average-runs",),
    title="Average runs",
    help="make one Model A run of several trainings that differ by their seed",
    params=AverageRunsParams,
    run="cgid.studies.average_runs:average_runs",
    inputs=lambda p: list(p.run),
    outputs=lambda p: [p.output_dir / n for n in (RUN_MANIFEST, ONNX_MODEL)],
)
