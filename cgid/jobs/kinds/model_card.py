"""A finished run in, its model card out."""

from cgid.artifacts import RUN_CARD, RUN_MANIFEST
from cgid.jobs.kind import JobKind
from cgid.studies.compare_params import ModelCardParams

KIND = JobKind(
    name="model-card",
    verb=("model-card",),
    title="Write a model card",
    help="write model_card.md of a run: data, figures, limits, thresholds, checksums, licence",
    params=ModelCardParams,
    run="cgid.studies.model_card:write_model_card",
    inputs=lambda p: [p.run / RUN_MANIFEST],
    outputs=lambda p: [p.run / RUN_CARD],
    always=True,
)
