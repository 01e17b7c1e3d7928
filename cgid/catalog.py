"""What lies in data/ and artifacts/: data sets, feature tables, audits, ablations, studies, by looking, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cgid.files import read_json
from cgid.settings import settings


@dataclass(frozen=True, slots=True)
class Found:
    """A folder of results. main: the file it is read by. summary: its JSON summary, {} where there is none."""

    name: str
    folder: Path
    main: Path
    summary: dict[str, Any]
    modified: float

    @property
    def simulated(self) -> bool:
        """Made from the embedded demo sets."""
        return self.name.startswith("demo_")

    @property
    def label(self) -> str:
        return f"{self.name} (simulated)" if self.simulated else self.name


def datasets() -> list[Found]:
    """Folders of data/manifests; `main` is the furthest manifest there: split, cleaned, or as scanned."""
    return _found(settings().manifests, ("split.csv", "manifest.cleaned.csv", "manifest.csv"), "dataset_summary.json")


def feature_tables() -> list[Found]:
    return _found(settings().features, ("features.parquet", "features.csv"), "training_progress.json")


def audits() -> list[Found]:
    return _found(settings().audits, ("feature_leakage_report.csv",), "feature_leakage_summary.json")


def ablations() -> list[Found]:
    return _found(settings().ablations, ("ablation_results.csv",), "ablation_summary.json")


def unseen_sources() -> list[Found]:
    """Finished studies of `leave-one-source-out`."""
    return _found(settings().unseen, ("leave_one_source_out.csv",), "leave_one_source_out.json")


def treatment_studies() -> list[Found]:
    """Finished studies of `treatment-study`."""
    return _found(settings().treatments, ("treatment_study.csv",), "treatment_study.json")


def _found(root: Path, mains: tuple[str, ...], summary: str) -> list[Found]:
    result = []
    for folder in root.iterdir() if root.is_dir() else ():
        main = next((folder / m for m in mains if (folder / m).is_file()), None)
        if main is not None:
            result.append(Found(folder.name, folder, main, _json(folder / summary), main.stat().st_mtime))
    return sorted(result, key=lambda f: (-f.modified, f.name))


def _json(path: Path) -> dict[str, Any]:
    try:
        value = read_json(path)
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
