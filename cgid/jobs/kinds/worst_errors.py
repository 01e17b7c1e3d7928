"""A finished run in, its most confident mistakes with maps of where it looked out."""

from cgid.artifacts import RUN_MANIFEST, predictions_file
from cgid.jobs.kind import JobKind
from cgid.studies.worst_errors_params import WorstErrorsParams

KIND = JobKind(
    name="worst-errors",
    verb=("worst-errors",),
    title="Find the worst mistakes",
    help="gather the most confident wrong answers of a run, with maps of where it looked",
    params=WorstErrorsParams,
    run="cgid.studies.worst_errors:worst_errors",
    inputs=lambda p: [p.run / RUN_MANIFEST, p.run / predictions_file(p.split)],
    outputs=lambda p: [p.run / "errors" / p.split / "errors.json"],
    always=True,
)
