"""Model A run and manifest in, figures with intervals out.

Model A run in, exports/ out.

Two runs in, what differs on the images both judged out.

A finished run in, its most confident mistakes with maps of where it looked out.

A finished run in, its model card out.

Make a run the current one.

Model A run in, what is left of it after compression, shrinking, blur and noise out.

An ONNX file and its sidecar in, a Model A run folder out.

Scores of any detector and a manifest in, a run folder like our own out.
"""

from __future__ import annotations

from cgid.artifacts import METRICS_SUMMARY, ONNX_MODEL, RUN_CARD, RUN_EXPORTS, RUN_MANIFEST, predictions_file
from cgid.data.paths import images_stamp
from cgid.external.params import ImportDetectorParams, ImportPredictionsParams
from cgid.jobs.kind import JobKind
from cgid.robustness.params import RobustnessParams
from cgid.runs.params import (
    CompareRunsParams,
    EvaluateParams,
    ExportModelAResultsParams,
    ModelCardParams,
    PromoteParams,
    WorstErrorsParams,
)

EVALUATE = JobKind(
    name="evaluate",
    verb=("evaluate",),
    title="Evaluate Model A",
    help="judge a Model A run on a manifest, also degraded",
    params=EvaluateParams,
    run="cgid.runs.evaluate:evaluate",
    inputs=lambda p: [p.run / RUN_MANIFEST, p.manifest],
    outputs=lambda p: [p.output_dir / METRICS_SUMMARY],
    stamp=lambda p: images_stamp([p.manifest]),
)


EXPORT_MODEL_A_RESULTS = JobKind(
    name="export-model-a-results",
    verb=("export-model-a-results",),
    title="Export Model A results",
    help="write exports/ of a Model A run",
    params=ExportModelAResultsParams,
    run="cgid.runs.evaluate:export_model_a_results",
    inputs=lambda p: [p.run_manifest],
    outputs=lambda p: [p.run_manifest.parent / RUN_EXPORTS / METRICS_SUMMARY],
)


COMPARE_RUNS = JobKind(
    name="compare-runs",
    verb=("compare-runs",),
    title="Compare two runs",
    help="say whether one run is better than another on the same images, and where they part",
    params=CompareRunsParams,
    run="cgid.runs.compare:compare_runs",
    inputs=lambda p: [run / name for run in p.run for name in (RUN_MANIFEST, predictions_file(p.split))],
    outputs=lambda p: [p.output_dir / "comparison_summary.json"],
)


WORST_ERRORS = JobKind(
    name="worst-errors",
    verb=("worst-errors",),
    title="Find the worst mistakes",
    help="gather the most confident wrong answers of a run, with maps of where it looked",
    params=WorstErrorsParams,
    run="cgid.runs.worst_errors:worst_errors",
    inputs=lambda p: [p.run / RUN_MANIFEST, p.run / predictions_file(p.split)],
    outputs=lambda p: [p.run / "errors" / p.split / "errors.json"],
    always=True,
)


MODEL_CARD = JobKind(
    name="model-card",
    verb=("model-card",),
    title="Write a model card",
    help="write model_card.md of a run: data, figures, limits, thresholds, checksums, licence",
    params=ModelCardParams,
    run="cgid.runs.model_card:write_model_card",
    inputs=lambda p: [p.run / RUN_MANIFEST],
    outputs=lambda p: [p.run / RUN_CARD],
    always=True,
)


PROMOTE = JobKind(
    name="promote",
    verb=("promote",),
    title="Make a model current",
    help="make a run the current Model A or Model B",
    params=PromoteParams,
    run="cgid.runs.store:promote",
    inputs=lambda p: [p.run / RUN_MANIFEST],
    outputs=lambda p: [],
    always=True,
)


ROBUSTNESS = JobKind(
    name="robustness",
    verb=("robustness",),
    title="Measure robustness",
    help="judge a Model A run on its test images degraded: tiers, JPEG quality, blur, size, noise",
    params=RobustnessParams,
    run="cgid.robustness.run:robustness",
    inputs=lambda p: [p.run / RUN_MANIFEST, *([p.manifest] if p.manifest else [])],
    outputs=lambda p: [p.run / "robustness" / "robustness.json"],
    always=True,
)


IMPORT_DETECTOR = JobKind(
    name="import-detector",
    verb=("import-detector",),
    title="Import a detector",
    help="judge any detector (ONNX and a sidecar) and make it a Model A run",
    params=ImportDetectorParams,
    run="cgid.external.import_detector:import_detector",
    inputs=lambda p: [p.onnx, p.sidecar, p.val_manifest, p.test_manifest, *p.external_manifest],
    outputs=lambda p: [p.output_dir / n for n in (RUN_MANIFEST, ONNX_MODEL)],
    stamp=lambda p: images_stamp([p.val_manifest, p.test_manifest, *p.external_manifest]),
)


IMPORT_PREDICTIONS = JobKind(
    name="import-predictions",
    verb=("import-predictions",),
    title="Import predictions",
    help="judge the scores of any detector as a run of its own",
    params=ImportPredictionsParams,
    run="cgid.external.import_predictions:import_predictions",
    inputs=lambda p: [p.predictions, p.manifest],
    outputs=lambda p: [p.output_dir / RUN_MANIFEST],
)

KINDS = (
    EVALUATE,
    EXPORT_MODEL_A_RESULTS,
    COMPARE_RUNS,
    WORST_ERRORS,
    MODEL_CARD,
    PROMOTE,
    ROBUSTNESS,
    IMPORT_DETECTOR,
    IMPORT_PREDICTIONS,
)
