"""What lies in data/ and artifacts/: data sets, feature tables, audits, ablations, studies, by looking, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cgid.artifacts import (
    ABLATION_RESULTS,
    ABLATION_SUMMARY,
    CLEANED_MANIFEST,
    DATASET_SUMMARY,
    EXTRACTION_PROGRESS,
    FEATURE_TABLE,
    FEATURE_TABLE_CSV,
    LEAKAGE_REPORT,
    LEAKAGE_SUMMARY,
    SCANNED_MANIFEST,
    SPLIT_MANIFEST,
    is_simulated,
)
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
        return is_simulated(self.summary, self.name)

    @property
    def label(self) -> str:
        return f"{self.name} (simulated)" if self.simulated else self.name


def datasets() -> list[Found]:
    """Folders of data/manifests; `main` is the furthest manifest there: split, cleaned, or as scanned."""
    return _found(settings().manifests, (SPLIT_MANIFEST, CLEANED_MANIFEST, SCANNED_MANIFEST), DATASET_SUMMARY)


def feature_tables() -> list[Found]:
    return _found(settings().features, (FEATURE_TABLE, FEATURE_TABLE_CSV), EXTRACTION_PROGRESS)


def audits() -> list[Found]:
    return _found(settings().audits, (LEAKAGE_REPORT,), LEAKAGE_SUMMARY)


def ablations() -> list[Found]:
    return _found(settings().ablations, (ABLATION_RESULTS,), ABLATION_SUMMARY)


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
