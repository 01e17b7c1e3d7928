"""Reads a table of scores of an external detector; scores of degraded images are grouped by tier or degradation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from cgid.errors import InputError
from cgid.evaluate.calibration import logit
from cgid.imaging.degrade import TIERS
from cgid.robustness.degradation import all_degradations
from cgid.robustness.points import CLEAN, Condition
from cgid.runs import predictions

TEXTS = ("filepath", "sha256", "source", "generator", "tier", "degradation", "level")
COLUMNS = ("score", "label", *TEXTS)
LABELS = {"real": 0.0, "ai": 1.0, "0": 0.0, "1": 1.0, "0.0": 0.0, "1.0": 1.0, "": np.nan}
EMPTY_VALUES = ("", "nan", "none", "null", "na", "n/a", "<na>")
# Scores of exactly 0 and 1 are moved inwards by this much: less than elsewhere, so that close scores of a confident
# detector keep their order.
MIN_PROBABILITY = 1e-15


def read_scores(path: Path, kind: str) -> pd.DataFrame:
    """TEXTS ("" where not given), logit (NaN: no score), label (0, 1 or NaN); `split` reads the columns of
    degradations.

    Row i of the result is row i + 1 below the header. kind: `probability` (0..1) or `logit`.
    Raises InputError: no table, columns missing, an invalid score, an unknown label.
    """
    frame = _table(path)
    missing = (
        "score" if "score" not in frame else "filepath` or `sha256" if not {*frame} & {"filepath", "sha256"} else ""
    )
    if missing:
        raise InputError(f"{path.name}: column `{missing}` is missing; needed are `filepath` or `sha256`, and `score`.")
    if not len(frame):
        raise InputError(f"{path.name}: holds no row below its header.")
    result = {column: _text(frame[column]) if column in frame else pd.Series("", index=frame.index) for column in TEXTS}
    result["sha256"] = result["sha256"].str.lower()
    result["logit"] = _logits(path.name, frame["score"], kind)
    result["label"] = _labels(path.name, frame["label"]) if "label" in frame else np.nan
    return pd.DataFrame(result)


def _table(path: Path) -> pd.DataFrame:
    try:
        with open(path, "rb") as file:
            parquet = file.read(4) == b"PAR1"
        if parquet:
            import pyarrow.parquet as pq

            names = pq.read_schema(path).names
            columns = [name for name in names if name in COLUMNS]
            return pq.read_table(path, columns=columns).to_pandas(ignore_metadata=True) if columns else pd.DataFrame()
        options: dict = {"dtype": str, "keep_default_na": False, "skip_blank_lines": False, "index_col": False}
        header = pd.read_csv(path, nrows=0, encoding="utf-8-sig", **options)
        columns = [name for name in header if name.strip() in COLUMNS]
        frame = pd.read_csv(path, usecols=columns, encoding="utf-8-sig", **options) if columns else pd.DataFrame()
    except (OSError, ValueError) as error:  # parser, decoder and Arrow errors are ValueErrors
        reason = (str(error) or type(error).__name__).splitlines()[0][:200]
        raise InputError(f"{path}: cannot be read as CSV or Parquet ({reason}).") from None
    frame.columns = [name.strip() for name in frame.columns]
    if frame.columns.has_duplicates:
        raise InputError(f"{path.name}: a column is there twice; remove one.")
    return frame


def _text(column: pd.Series) -> pd.Series:
    return column.where(column.notna(), "").astype(str).str.strip()


def _logits(name: str, score: pd.Series, kind: str) -> np.ndarray:
    texts = _text(score)
    value = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=float)
    given = ~texts.str.lower().isin(EMPTY_VALUES).to_numpy()
    _require_valid(name, given & np.isnan(value), texts, "is not a number")
    _require_valid(name, np.isinf(value), texts, "is not finite")
    if kind == "logit":
        return value
    outside = (value < 0) | (value > 1)
    _require_valid(
        name, outside, texts, "is not a probability from 0 to 1; use --score logit where scores are log odds"
    )
    return logit(value, MIN_PROBABILITY)


def _labels(name: str, label: pd.Series) -> np.ndarray:
    texts = _text(label).str.lower()
    unknown = ~texts.isin(LABELS) & ~texts.isin(EMPTY_VALUES)
    _require_valid(name, unknown.to_numpy(), texts, "is not one of real, ai, 0, 1", "label")
    return texts.map(LABELS).to_numpy(dtype=float)


def _require_valid(name: str, bad: np.ndarray, texts: pd.Series, problem: str, what: str = "score") -> None:
    """Raise InputError with the first of the bad rows and the number of the others."""
    if bad.any():
        first = int(np.argmax(bad))
        more = f" (so are {int(bad.sum()) - 1} more rows)" if bad.sum() > 1 else ""
        head, _, suggestion = problem.partition(";")
        raise InputError(
            f"{name} row {first + 1}: {what} `{texts.iloc[first][:60]}` {head}{more}"
            + (f";{suggestion}." if suggestion else ".")
        )


def split(scores: pd.DataFrame, name: str) -> tuple[pd.DataFrame, dict[Condition, pd.DataFrame]]:
    """(scores of the images as they are, {point: scores there}), each with its rows' numbers kept as index.

    scores: as `read_scores` gives them. Points: tiers first, then each degradation from mild to severe.
    Raises InputError, naming the row: an unknown tier or degradation, a level that is none, or both at once.
    """
    texts = [scores[c].where(~scores[c].str.lower().isin(EMPTY_VALUES), "") for c in ("tier", "degradation", "level")]
    points: dict[tuple[str, str, str], Condition] = {}
    at = []
    for row, (tier, degradation, level) in zip(scores.index, zip(texts[0].str.lower(), texts[1].str.lower(), texts[2])):
        key = (tier, degradation, level)
        if key not in points:
            points[key] = _point(*key, f"{name} row {row + 1}")
        at.append(points[key])
    clean = Condition(tier=CLEAN)
    order = sorted(set(at) - {clean}, key=_order)
    return scores[[p == clean for p in at]], {point: scores[[p == point for p in at]] for point in order}


def rows_of(
    logits: Mapping[Condition, np.ndarray], frame: pd.DataFrame, name: str
) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    """(predictions of the same test images at every point, test images left out with the reason).

    logits: {point: logit of each row of the manifest's frame, NaN: no score}, `clean` first. frame: with `content`.
    Raises InputError where no test image is scored at every point.
    """
    here = (frame["split"] == "test").to_numpy() & np.isfinite(logits[Condition(tier=CLEAN)])
    every = here & np.all([np.isfinite(values) for values in logits.values()], axis=0)
    if not every.any():
        raise InputError(
            f"{name} scores no image of the test split both as it is and at every tier and level; give each image of a "
            "sample all of them."
        )
    rows = np.flatnonzero(every)
    contents = frame["content"].iloc[rows].tolist()
    tables = [
        predictions.table(frame, rows, contents, values[rows]).assign(
            tier=point.tier, degradation=point.degradation, level=point.level
        )
        for point, values in logits.items()
    ]
    left = [{"filepath": p, "reason": "not scored at every level"} for p in frame["path"][here & ~every]]
    return pd.concat(tables, ignore_index=True), left


def images_of(rows: pd.DataFrame, path: Path) -> str:
    """Where the metrics come from, in one phrase."""
    return f"{int((rows['tier'] == CLEAN).sum())} test images, scores given in {path.name}"


def _point(tier: str, degradation: str, level: str, where: str) -> Condition:
    if not degradation:
        if level:
            raise InputError(f"{where}: level `{level[:40]}` without a degradation; name one of {_names()}.")
        if tier and tier not in TIERS:
            raise InputError(f"{where}: tier `{tier[:40]}` is not one of {', '.join(TIERS)}.")
        return Condition(tier=tier or CLEAN)
    if tier:
        raise InputError(f"{where}: gives both a tier and a degradation; leave one empty.")
    condition = all_degradations().get(degradation)
    if condition is None:
        raise InputError(f"{where}: degradation `{degradation[:40]}` is not one of {_names()}.")
    low, high = condition.bounds
    value = pd.to_numeric(level, errors="coerce")
    if not low <= value <= high:
        raise InputError(
            f"{where}: level `{level[:40]}` of {degradation} is not a number from {low:g} to {high:g} "
            f"({condition.unit})."
        )
    return Condition(degradation=degradation, level=float(value))


def _order(point: Condition) -> tuple:
    if point.tier:
        return 0, list(TIERS).index(point.tier), 0.0
    names, levels = list(all_degradations()), all_degradations()[point.degradation].levels
    return 1, names.index(point.degradation), -point.level if levels[0] > levels[-1] else point.level


def _names() -> str:
    return ", ".join(all_degradations())
