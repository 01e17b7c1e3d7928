"""The job kinds of this package: those in `kinds/` and those of the entry points `cgid.job_kinds`."""

from cgid.pipelines import kinds
from cgid.registry import load

KINDS = tuple(load(kinds, "KIND", entry_points="cgid.job_kinds").values())
