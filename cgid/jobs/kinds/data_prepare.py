"""CIFAKE or GenImage as downloaded in, manifests to train on out."""

from cgid.data.params import PrepareParams
from cgid.jobs.kind import JobKind

KIND = JobKind(
    name="data-prepare",
    verb=("data", "prepare"),
    title="Prepare CIFAKE or GenImage",
    help="list, clean, split and cap the folder of CIFAKE or GenImage in one go",
    params=PrepareParams,
    run="cgid.data.prepare:prepare",
    inputs=lambda p: [p.root],
    outputs=lambda p: [p.output_dir / f"{s}.csv" for s in ("train", "val", "test", "split", "kept")],
)
