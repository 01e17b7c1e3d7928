"""Scores of any detector and a manifest in, a run folder like our own out."""

from cgid.artifacts import RUN_MANIFEST
from cgid.jobs.kind import JobKind
from cgid.studies.import_params import ImportPredictionsParams

KIND = JobKind(
    name="import-predictions",
    verb=("import-predictions",),
    title="Import predictions",
    help="judge the scores of any detector as a run of its own",
    params=ImportPredictionsParams,
    run="cgid.studies.import_predictions:import_predictions",
    inputs=lambda p: [p.predictions, p.manifest],
    outputs=lambda p: [p.output_dir / RUN_MANIFEST],
)
