"""Make the two embedded demo sets."""

from cgid.data.params import DemoDataParams
from cgid.jobs.kind import JobKind

KIND = JobKind(
    name="demo-data",
    verb=("demo-data",),
    title="Make the demo images",
    help="make the embedded demo sets (simulated generators)",
    params=DemoDataParams,
    run="cgid.data.demo.build:build",
    inputs=lambda p: [],
    outputs=lambda p: [p.output_dir / "leaky", p.output_dir / "matched"],
)
