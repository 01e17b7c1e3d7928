"""Make a run the current one."""

from cgid.artifacts import RUN_MANIFEST
from cgid.jobs.kind import JobKind
from cgid.studies.params import PromoteParams

KIND = JobKind(
    name="promote",
    verb=("promote",),
    title="Make a model current",
    help="make a run the current Model A or Model B",
    params=PromoteParams,
    run="cgid.studies.promotion:promote",
    inputs=lambda p: [p.run / RUN_MANIFEST],
    outputs=lambda p: [],
    always=True,
)
