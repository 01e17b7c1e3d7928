"""Start a tree of processes and wait."""

from jobs_plugin.steps import TreeParams

from cgid.jobs.kind import JobKind

KIND = JobKind(
    name="test-tree",
    verb=("test", "tree"),
    title="Tree",
    help="start a tree of processes and wait",
    params=TreeParams,
    run="jobs_plugin.steps:tree",
    inputs=lambda p: [],
    outputs=lambda p: [],
)
