"""Reads a table of scores that another program wrote: which image, which score, in one clear line what is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from cgid.errors import InputError
from cgid.evaluate.calibration import logit

TEXTS = ("filepath", "sha256", "source", "generator", "tier", "degradation", "level")
COLUMNS = ("score", "label", *TEXTS)
LABELS = {"real": 0.0, "ai": 1.0, "0": 0.0, "1": 1.0, "0.0": 0.0, "1.0": 1.0, "": np.nan}
NOTHING = ("", "nan", "none", "null", "na", "n/a", "<na>")
# Scores of exactly 0 and 1 stand for this far from the end: finer than elsewhere, so that close scores of a sure detector
# keep their order.
SURE = 1e-15


def read_scores(path: Path, kind: str) -> pd.DataFrame:
    """TEXTS ("" where not given), logit (NaN: no score), label (0, 1 or NaN); `foreign_points` reads what tells damage.

    Row i of the result is row i + 1 below the header. kind: `probability` (0..1) or `logit`.
    Raises InputError: no table, columns missing, a score that is no such number, an unknown label.
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
            wanted = [name for name in names if name in COLUMNS]
            return pq.read_table(path, columns=wanted).to_pandas(ignore_metadata=True) if wanted else pd.DataFrame()
        kept: dict = {"dtype": str, "keep_default_na": False, "skip_blank_lines": False, "index_col": False}
        header = pd.read_csv(path, nrows=0, encoding="utf-8-sig", **kept)
        wanted = [name for name in header if name.strip() in COLUMNS]
        frame = pd.read_csv(path, usecols=wanted, encoding="utf-8-sig", **kept) if wanted else pd.DataFrame()
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
    words = _text(score)
    value = pd.to_numeric(words, errors="coerce").to_numpy(dtype=float)
    given = ~words.str.lower().isin(NOTHING).to_numpy()
    _none(name, given & np.isnan(value), words, "is not a number")
    _none(name, np.isinf(value), words, "is not finite")
    if kind == "logit":
        return value
    outside = (value < 0) | (value > 1)
    _none(name, outside, words, "is not a probability from 0 to 1; say --score logit where scores are log odds")
    return logit(value, SURE)


def _labels(name: str, label: pd.Series) -> np.ndarray:
    words = _text(label).str.lower()
    unknown = ~words.isin(LABELS) & ~words.isin(NOTHING)
    _none(name, unknown.to_numpy(), words, "is not one of real, ai, 0, 1", "label")
    return words.map(LABELS).to_numpy(dtype=float)


def _none(name: str, bad: np.ndarray, words: pd.Series, problem: str, what: str = "score") -> None:
    """Raise InputError with the first of the bad rows and the number of the others."""
    if bad.any():
        first = int(np.argmax(bad))
        more = f" (so are {int(bad.sum()) - 1} more rows)" if bad.sum() > 1 else ""
        head, _, remedy = problem.partition(";")
        raise InputError(
            f"{name} row {first + 1}: {what} `{words.iloc[first][:60]}` {head}{more}"
            + (f";{remedy}." if remedy else ".")
        )
