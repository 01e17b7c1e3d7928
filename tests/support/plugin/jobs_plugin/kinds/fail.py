"""Fail in a chosen way."""

from cgid.jobs.kind import JobKind
from jobs_plugin.steps import FailParams

KIND = JobKind(
    name="test-fail",
    command=("test", "fail"),
    title="Fail",
    help="fail in a chosen way",
    params=FailParams,
    run="jobs_plugin.steps:fail",
    inputs=lambda p: [],
    outputs=lambda p: [p.output],
)
