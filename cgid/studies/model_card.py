"""`cgid model-card`: writes the model card of a run that has none, or whose figures were written anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cgid.models import model_card
from cgid.models.store import load_run
from cgid.report import Report
from cgid.studies.compare_params import ModelCardParams


def write_model_card(params: ModelCardParams, report: Report) -> dict[str, Any]:
    """Write model_card.md into the run folder. Raises InputError where it is no finished run."""
    run = load_run(Path(params.run))
    report(0, 1, f"reading {run.id}")
    path = model_card.write(run.folder, run.manifest)
    report(1, 1, "written")
    return {"run": str(run.folder), "card": str(path), "summary": f"Wrote {path}."}
