"""Job kinds of finished runs: evaluation, comparison, errors, model card, promotion, robustness; external detectors."""

from __future__ import annotations

from cgid.artifacts import METRICS_SUMMARY, ONNX_MODEL, RUN_CARD, RUN_EXPORTS, RUN_MANIFEST, predictions_file
from cgid.data.paths import images_fingerprint
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
    command=("model-a", "evaluate"),
    aliases=(("evaluate",),),
    title="Evaluate Model A",
    help="evaluate a Model A run on a manifest, also recompressed and resized",
    params=EvaluateParams,
    run="cgid.runs.evaluate:evaluate",
    inputs=lambda p: [p.run / RUN_MANIFEST, p.manifest],
    outputs=lambda p: [p.output_dir / METRICS_SUMMARY],
    fingerprint=lambda p: images_fingerprint([p.manifest]),
)


EXPORT_MODEL_A_RESULTS = JobKind(
    name="export-model-a-results",
    command=("model-a", "export-results"),
    aliases=(("export-model-a-results",),),
    title="Export Model A results",
    help="write exports/ of a Model A run",
    params=ExportModelAResultsParams,
    run="cgid.runs.evaluate:export_model_a_results",
    inputs=lambda p: [p.run_manifest],
    outputs=lambda p: [p.run_manifest.parent / RUN_EXPORTS / METRICS_SUMMARY],
)


COMPARE_RUNS = JobKind(
    name="compare-runs",
    command=("runs", "compare"),
    aliases=(("compare-runs",),),
    title="Compare two runs",
    help="test whether one run is better than another on the same images, and where they disagree",
    params=CompareRunsParams,
    run="cgid.runs.compare:compare_runs",
    inputs=lambda p: [run / name for run in p.run for name in (RUN_MANIFEST, predictions_file(p.split))],
    outputs=lambda p: [p.output_dir / "comparison_summary.json"],
)


WORST_ERRORS = JobKind(
    name="worst-errors",
    command=("runs", "worst-errors"),
    aliases=(("worst-errors",), ("model-a", "worst-errors")),
    title="Find the worst errors",
    help="collect the most confident errors of a run, with occlusion maps",
    params=WorstErrorsParams,
    run="cgid.runs.worst_errors:worst_errors",
    inputs=lambda p: [p.run / RUN_MANIFEST, p.run / predictions_file(p.split)],
    outputs=lambda p: [p.run / "errors" / p.split / "errors.json"],
    always=True,
)


MODEL_CARD = JobKind(
    name="model-card",
    command=("runs", "model-card"),
    aliases=(("model-card",), ("model-a", "model-card")),
    title="Write a model card",
    help="write model_card.md of a run: data, metrics, limits, thresholds, checksums, licence",
    params=ModelCardParams,
    run="cgid.runs.model_card:write_model_card",
    inputs=lambda p: [p.run / RUN_MANIFEST],
    outputs=lambda p: [p.run / RUN_CARD],
    always=True,
)


PROMOTE = JobKind(
    name="promote",
    command=("runs", "promote"),
    aliases=(("promote",),),
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
    command=("robustness",),
    title="Measure robustness",
    help="evaluate a Model A run on degraded test images: tiers, JPEG quality, blur, size, noise",
    params=RobustnessParams,
    run="cgid.robustness.run:robustness",
    inputs=lambda p: [p.run / RUN_MANIFEST, *([p.manifest] if p.manifest else [])],
    outputs=lambda p: [p.run / "robustness" / "robustness.json"],
    always=True,
)


IMPORT_DETECTOR = JobKind(
    name="import-detector",
    command=("external", "import-detector"),
    aliases=(("import-detector",),),
    title="Import a detector",
    help="evaluate any detector (ONNX and a sidecar) as a Model A run",
    params=ImportDetectorParams,
    run="cgid.external.import_detector:import_detector",
    inputs=lambda p: [p.onnx, p.sidecar, p.val_manifest, p.test_manifest, *p.external_manifest],
    outputs=lambda p: [p.output_dir / n for n in (RUN_MANIFEST, ONNX_MODEL)],
    fingerprint=lambda p: images_fingerprint([p.val_manifest, p.test_manifest, *p.external_manifest]),
)


IMPORT_PREDICTIONS = JobKind(
    name="import-predictions",
    command=("external", "import-predictions"),
    aliases=(("import-predictions",),),
    title="Import predictions",
    help="evaluate the scores of any detector as a run of their own",
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
