"""Columns of the cleaned manifest that the audit adds to a feature table: perceptual hash, near-duplicates, format.

Rows are matched by the sha256 of their content (`record_id`), so any copy of the data set's manifest can be used.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cgid.artifacts import CLEANED_MANIFEST, SPLIT_MANIFEST

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("phash", "near_duplicate_group", "format")
MANIFEST_NAMES = (CLEANED_MANIFEST, SPLIT_MANIFEST)
MIN_MATCHED_FRACTION = 0.5  # of the rows must be in a manifest for it to be used without being named
MAX_MANIFESTS = 20


def with_origins(frame: pd.DataFrame, manifest: Path | None = None) -> tuple[pd.DataFrame, Path | None]:
    """(the table with COLUMNS where available, the manifest they come from).

    manifest: as named by the user; default: the newest of the installation's data sets that lists most of the images.
    Raises InputError where the named manifest cannot be read or has no `sha256`.
    """
    content = _content(frame)
    table, source = None, None
    if content is not None:
        candidates = [manifest] if manifest is not None else _local_manifests()
        table, source = _best(content, candidates, named=manifest is not None)
    frame = frame.copy(deep=False)
    for name in COLUMNS:
        known = table[name].reindex(content) if table is not None and name in table else None
        if name not in frame and known is not None and known.notna().any():
            frame[name] = known.to_numpy(dtype=object)
    return with_derived(frame), source


def with_derived(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with `format` and `near_duplicate_group` where they can be derived from its own columns."""
    frame = frame.copy(deep=False)
    if "format" not in frame and "container_format_code" in frame:
        frame["format"] = _formats(frame["container_format_code"])
    if "near_duplicate_group" not in frame and "phash" in frame:
        frame["near_duplicate_group"] = _near_duplicate_groups(frame["phash"])
    return frame


def _content(frame: pd.DataFrame) -> np.ndarray | None:
    name = next((c for c in ("record_id", "sha256") if c in frame), None)
    return None if name is None else frame[name].fillna("").astype(str).to_numpy()


def _local_manifests() -> Iterable[Path]:
    from cgid.settings import settings

    root = settings().manifests
    paths = [p for name in MANIFEST_NAMES for p in root.glob(f"*/{name}")] if root.is_dir() else []
    return sorted(paths, key=lambda p: (-p.stat().st_mtime, str(p)))[:MAX_MANIFESTS]


def _best(content: np.ndarray, candidates: Iterable[Path], named: bool) -> tuple[pd.DataFrame | None, Path | None]:
    """The first manifest that lists all images, else the one that lists most; a named one in any case."""
    best, source, fraction = None, None, 0.0 if named else MIN_MATCHED_FRACTION
    for path in candidates:
        table = _read(path, named)
        if table is None:
            continue
        known = float(np.isin(content, table.index).mean()) if len(content) else 0.0
        if known > fraction or (named and known == fraction):
            best, source, fraction = table, path, known
        if fraction == 1.0:
            break
    return best, source


def _read(path: Path, named: bool) -> pd.DataFrame | None:
    """COLUMNS by sha256, empty cells as missing; None where an unnamed file is not such a manifest."""
    import pandas as pd

    from cgid.errors import InputError

    try:
        table = pd.read_csv(path, dtype=str, encoding="utf-8-sig", usecols=lambda c: c in ("sha256", *COLUMNS))
    except (ValueError, OSError) as problem:
        if named:
            raise InputError(
                f"{path} cannot be read as a manifest: {' '.join(str(problem).split())[:200]}"
            ) from problem
        return None
    if "sha256" not in table:
        if named:
            raise InputError(f"{path} has no column `sha256`; use the manifest written by `cgid data clean`.")
        return None
    return table.dropna(subset="sha256").drop_duplicates("sha256").set_index("sha256")


def _formats(codes: pd.Series) -> np.ndarray:
    """Names of the format codes of the feature group `container`; unknown codes as numbers."""
    import pandas as pd

    from cgid.features.groups.container import CODES

    names = {code: name for name, code in CODES.items()}
    values = pd.to_numeric(codes, errors="coerce")
    return np.array([names.get(v, "" if v != v else f"{v:g}") for v in values], dtype=object)


def _near_duplicate_groups(phash: pd.Series) -> np.ndarray:
    """Near-duplicate groups from the table's own perceptual hashes; '' where a row has no valid hash."""
    from cgid.data.near_duplicates import group_hashes

    hashes = phash.fillna("").astype(str)
    usable = hashes.str.fullmatch("[0-9a-fA-F]{1,16}").to_numpy(dtype=bool)
    names = np.full(len(hashes), "", dtype=object)
    if usable.any():
        groups = group_hashes(np.array([int(w, 16) for w in hashes[usable]], np.uint64))
        several = np.bincount(groups)[groups] > 1
        names[usable] = np.where(several, np.char.add("nd-", groups.astype(str)), "")
    return names
