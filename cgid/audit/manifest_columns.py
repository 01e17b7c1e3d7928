"""What the cleaned manifest knows of audited images that their feature table does not: looks, near-duplicates, format.

Rows are matched by the sha256 of their content (`record_id`), so that any copy of the data set's manifest will do.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cgid.artifacts import CLEANED_MANIFEST, SPLIT_MANIFEST

if TYPE_CHECKING:
    import pandas as pd

KNOWN = ("phash", "near_duplicate_group", "format")
NAMES = (CLEANED_MANIFEST, SPLIT_MANIFEST)
ENOUGH = 0.5  # of the rows that a manifest must know to be the one meant, where nobody named it
NEWEST = 20


def with_origins(frame: pd.DataFrame, manifest: Path | None = None) -> tuple[pd.DataFrame, Path | None]:
    """(the table with KNOWN where they are known, the manifest they come from).

    manifest: as named by a person; without it the newest of the home's data sets that knows most of the images.
    Raises InputError where the named manifest cannot be read or has no `sha256`.
    """
    content = _content(frame)
    found, where = None, None
    if content is not None:
        candidates = [manifest] if manifest is not None else _of_this_home()
        found, where = _best(content, candidates, named=manifest is not None)
    frame = frame.copy(deep=False)
    for name in KNOWN:
        known = found[name].reindex(content) if found is not None and name in found else None
        if name not in frame and known is not None and known.notna().any():
            frame[name] = known.to_numpy(dtype=object)
    return of_the_table(frame), where


def of_the_table(frame: pd.DataFrame) -> pd.DataFrame:
    """With `format` and `near_duplicate_group` where the table itself can tell them."""
    frame = frame.copy(deep=False)
    if "format" not in frame and "container_format_code" in frame:
        frame["format"] = _formats(frame["container_format_code"])
    if "near_duplicate_group" not in frame and "phash" in frame:
        frame["near_duplicate_group"] = _alike(frame["phash"])
    return frame


def _content(frame: pd.DataFrame) -> np.ndarray | None:
    name = next((c for c in ("record_id", "sha256") if c in frame), None)
    return None if name is None else frame[name].fillna("").astype(str).to_numpy()


def _of_this_home() -> Iterable[Path]:
    from cgid.settings import settings

    root = settings().manifests
    found = [p for name in NAMES for p in root.glob(f"*/{name}")] if root.is_dir() else []
    return sorted(found, key=lambda p: (-p.stat().st_mtime, str(p)))[:NEWEST]


def _best(content: np.ndarray, candidates: Iterable[Path], named: bool) -> tuple[pd.DataFrame | None, Path | None]:
    """The first manifest that knows all images, else the one that knows most; a named one whatever it knows."""
    best, where, share = None, None, 0.0 if named else ENOUGH
    for path in candidates:
        table = _read(path, named)
        if table is None:
            continue
        known = float(np.isin(content, table.index).mean()) if len(content) else 0.0
        if known > share or (named and known == share):
            best, where, share = table, path, known
        if share == 1.0:
            break
    return best, where


def _read(path: Path, named: bool) -> pd.DataFrame | None:
    """KNOWN by sha256, empty cells as missing; None where an unnamed file is no such manifest."""
    import pandas as pd

    from cgid.errors import InputError

    try:
        table = pd.read_csv(path, dtype=str, encoding="utf-8-sig", usecols=lambda c: c in ("sha256", *KNOWN))
    except (ValueError, OSError) as problem:
        if named:
            raise InputError(
                f"{path} cannot be read as a manifest: {' '.join(str(problem).split())[:200]}"
            ) from problem
        return None
    if "sha256" not in table:
        if named:
            raise InputError(f"{path} has no column `sha256`; give the manifest that `cgid data clean` wrote.")
        return None
    return table.dropna(subset="sha256").drop_duplicates("sha256").set_index("sha256")


def _formats(codes: pd.Series) -> np.ndarray:
    """Names of the codes that the feature group `container` writes; others stay as they are."""
    import pandas as pd

    from cgid.features.groups.container import CODES

    names = {code: name for name, code in CODES.items()}
    values = pd.to_numeric(codes, errors="coerce")
    return np.array([names.get(v, "" if v != v else f"{v:g}") for v in values], dtype=object)


def _alike(phash: pd.Series) -> np.ndarray:
    """Near-duplicate groups of a table that brings hashes of its own; '' where there is none or it is no hash."""
    from cgid.data.near_duplicates import group_hashes

    words = phash.fillna("").astype(str)
    usable = words.str.fullmatch("[0-9a-fA-F]{1,16}").to_numpy(dtype=bool)
    names = np.full(len(words), "", dtype=object)
    if usable.any():
        groups = group_hashes(np.array([int(w, 16) for w in words[usable]], np.uint64))
        several = np.bincount(groups)[groups] > 1
        names[usable] = np.where(several, np.char.add("nd-", groups.astype(str)), "")
    return names
