"""The flags of a training in, how long it would take on this machine out."""

from cgid.jobs.kind import JobKind
from cgid.jobs.kinds.train_model_a import KIND as TRAINING
from cgid.train.estimate_params import EstimateTrainingParams

KIND = JobKind(
    name="estimate-training",
    verb=("estimate-training",),
    title="Estimate a training's duration",
    help="measure for some seconds how long train-model-a with the same flags would take here, and its memory",
    params=EstimateTrainingParams,
    run="cgid.train.estimate:estimate",
    inputs=TRAINING.inputs,
    outputs=lambda p: [],
    slot=TRAINING.slot,
    always=True,
)
