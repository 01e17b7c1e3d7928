"""Model A run in, exports/ out."""

from cgid.artifacts import METRICS_SUMMARY, RUN_EXPORTS
from cgid.jobs.kind import JobKind
from cgid.studies.params import ExportModelAResultsParams

KIND = JobKind(
    name="export-model-a-results",
    verb=("export-model-a-results",),
    title="Export Model A results",
    help="write exports/ of a Model A run",
    params=ExportModelAResultsParams,
    run="cgid.studies.evaluation:export_model_a_results",
    inputs=lambda p: [p.run_manifest],
    outputs=lambda p: [p.run_manifest.parent / RUN_EXPORTS / METRICS_SUMMARY],
)
