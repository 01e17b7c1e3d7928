"""Manifests in, a labelled feature table for Model B out."""

from cgid.artifacts import MODEL_B_FEATURES
from cgid.data.stamp import images_stamp
from cgid.jobs.kind import JobKind
from cgid.model_b.params import BuildModelBDatasetParams

KIND = JobKind(
    name="build-model-b-dataset",
    verb=("build-model-b-dataset",),
    title="Build a Model B data set",
    help="draw images from manifests and measure their features",
    params=BuildModelBDatasetParams,
    run="cgid.train.model_b_dataset:build",
    inputs=lambda p: list(p.manifest),
    outputs=lambda p: [p.output_dir / MODEL_B_FEATURES],
    stamp=lambda p: images_stamp(p.manifest),
    version=2,
)
