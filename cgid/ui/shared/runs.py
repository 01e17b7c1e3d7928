"""What several pages show of a run: its main metrics, metrics on external data, predictions, a name for a new run."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from cgid.runs.run import Run
from cgid.ui.shared import load as files
from cgid.ui.shared import text

if TYPE_CHECKING:
    import pandas as pd

ORDER = ("test", "val", "oof", "train")


def headline(run: Run) -> dict:
    """Test metrics to show first: for Model B those without file format and provenance features."""
    metrics = run.manifest.get("metrics") or {}
    variant = (metrics.get("variants") or {}).get("content_only") or {}
    return variant.get("test") or metrics.get("test") or {}


def elsewhere(run: Run) -> str:
    """The run's AUC on external data, or that it was not evaluated there: shown with every metric on its own data."""
    external = (run.manifest.get("metrics") or {}).get("external") or []
    if not external:
        return "Not evaluated on external data: expect worse results there."
    return "On external data: " + "; ".join(f"{e.get('name')} AUC {text.decimal(e.get('auc'))}" for e in external) + "."


def splits(run: Run) -> list[str]:
    """Splits with predictions, test first, other data next."""
    return sorted(run.prediction_splits(), key=lambda n: (ORDER.index(n) if n in ORDER else 0.5, n))


def load_predictions(run: Run, split: str) -> pd.DataFrame:
    """Predictions with the column `score`: calibrated probability, raw where there is no calibration."""
    rows = files.table(run.predictions_path(split)).copy()
    score = rows["calibrated"] if "calibrated" in rows else rows["probability"]
    rows["score"] = score.where(score.notna(), rows["probability"])
    return rows.dropna(subset=["score"])


def run_name(text: str, data: str) -> str:
    """A folder name: the text entered, else data set and time."""
    slug = re.sub(r"[^A-Za-z0-9_.-]+", "_", text.strip()).strip("._")[:80]
    return slug or f"{data}-{datetime.now():%Y%m%d-%H%M%S}"
