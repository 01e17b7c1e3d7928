"""Makes a run the one that checks and extraction use."""

from __future__ import annotations

from cgid.models import store
from cgid.report import Report
from cgid.studies.params import PromoteParams

NAMES = {"model_a": "Model A", "model_b": "Model B"}


def promote(params: PromoteParams, report: Report) -> dict:
    """Verify the run's files and name it in current.json. Raises InputError where the run cannot be used."""
    report(0, 1, f"checking {params.run.name}")
    before = store.current(store.load_run(params.run).kind)
    run = store.promote(params.run)
    report(1, 1, f"{run.id} is current")
    return {
        "kind": run.kind,
        "run_id": run.id,
        "run": str(run.folder),
        "before": before.id if before else None,
        "current_file": str(store.current_file()),
        "summary": f"{NAMES[run.kind]} is now {run.id}.",
    }
