"""Feature table in, learned fusion out."""

from cgid.artifacts import RUN_MANIFEST
from cgid.jobs.kind import JobKind
from cgid.model_b.params import TrainModelBParams

KIND = JobKind(
    name="train-model-b",
    verb=("train-model-b",),
    title="Train Model B",
    help="train the learned fusion over forensic features",
    params=TrainModelBParams,
    run="cgid.train.model_b:train",
    inputs=lambda p: [p.features_csv, *p.external_features],
    outputs=lambda p: [p.output_dir / RUN_MANIFEST],
    version=4,
)
