"""Start a tree of processes and wait."""

from cgid.jobs.kind import JobKind
from jobs_plugin.steps import TreeParams

KIND = JobKind(
    name="test-tree",
    command=("test", "tree"),
    title="Tree",
    help="start a tree of processes and wait",
    params=TreeParams,
    run="jobs_plugin.steps:tree",
    inputs=lambda p: [],
    outputs=lambda p: [],
)
