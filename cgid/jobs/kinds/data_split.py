"""Cleaned manifest in, train / val / test out, no group on two sides."""

from cgid.data.params import SplitParams
from cgid.jobs.kind import JobKind

KIND = JobKind(
    name="data-split",
    verb=("data", "split"),
    title="Split into train, validation and test",
    help="split by group into train, val and test",
    params=SplitParams,
    run="cgid.data.split:split",
    inputs=lambda p: [p.manifest],
    outputs=lambda p: [p.output_dir / f"{s}.csv" for s in ("train", "val", "test", "split")],
)
