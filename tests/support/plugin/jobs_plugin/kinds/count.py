"""Make numbered files."""

from cgid.jobs.kind import JobKind
from jobs_plugin.steps import CountParams

KIND = JobKind(
    name="test-count",
    command=("test", "count"),
    title="Count",
    help="make numbered files",
    params=CountParams,
    run="jobs_plugin.steps:count",
    inputs=lambda p: [p.source] if p.source else [],
    outputs=lambda p: [p.output_dir / "finished"],
)
