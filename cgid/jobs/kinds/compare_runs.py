"""Two runs in, what differs on the images both judged out."""

from cgid.artifacts import RUN_MANIFEST, predictions_file
from cgid.jobs.kind import JobKind
from cgid.studies.compare_params import CompareRunsParams

KIND = JobKind(
    name="compare-runs",
    verb=("compare-runs",),
    title="Compare two runs",
    help="say whether one run is better than another on the same images, and where they part",
    params=CompareRunsParams,
    run="cgid.studies.compare_runs:compare_runs",
    inputs=lambda p: [run / name for run in p.run for name in (RUN_MANIFEST, predictions_file(p.split))],
    outputs=lambda p: [p.output_dir / "comparison_summary.json"],
)
