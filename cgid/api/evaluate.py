"""`cgid.evaluate`: how good are the scores of a detector, and how sure is that?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from cgid.api.result import Result, nothing_to_draw
from cgid.errors import InputError
from cgid.schema import Interval

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd
    from numpy.typing import ArrayLike

TARGETS = {"real": 0.0, "ai": 1.0, "0": 0.0, "1": 1.0, "0.0": 0.0, "1.0": 1.0, "false": 0.0, "true": 1.0}
COUNTS = ("n", "n_real", "n_ai", "n_missing", "groups")


@dataclass(frozen=True, eq=False)
class Metrics(Result):
    """Figures of a detector; label 1 = AI is the positive class. `metrics["auc"]` is an `Interval`; `names` lists them.

    summary: everything, {"auc": {"value", "low", "high"}, …, "confusion": {"tn", "fp", "fn", "tp"}, "threshold", "n",
    "n_real", "n_ai", "n_missing", "groups"}.
    """

    summary: dict[str, Any]
    _target: np.ndarray = field(repr=False)
    _score: np.ndarray = field(repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(k for k, v in self.summary.items() if isinstance(v, dict) and "value" in v)

    @property
    def confusion(self) -> dict[str, int]:
        """{"tn", "fp", "fn", "tp"} at `threshold`."""
        return dict(self.summary["confusion"])

    @property
    def threshold(self) -> float:
        return self.summary["threshold"]

    def __getitem__(self, name: str) -> Interval:
        if name not in self.names:
            raise InputError(f"There is no figure `{name}`; there are {', '.join(self.names)}.")
        return Interval(**self.summary[name])

    def frame(self) -> pd.DataFrame:
        """A row a figure: metric, value, low, high (95 %; NaN where undefined)."""
        import pandas as pd

        rows = [{"metric": name, **self[name].to_dict()} for name in self.names]
        return pd.DataFrame(rows).astype({"value": float, "low": float, "high": float})

    def to_dict(self) -> dict[str, Any]:
        """`summary`, copied."""
        return {k: dict(v) if isinstance(v, dict) else v for k, v in self.summary.items()}

    def headline(self) -> str:
        from cgid.formatting import decimal, percentage

        own = self.summary
        accused, missed = percentage(own["false_positive_rate"]), percentage(own["false_negative_rate"])
        return (
            f"AUC {decimal(own['auc'])}; real photos wrongly accused {accused}, AI images missed {missed} at threshold "
            f"{self.threshold:g}; {own['n']} images in {own['groups']} groups."
        )

    def _figure(self) -> alt.TopLevelMixin:
        from cgid.evaluate.metrics import roc

        curve = roc(self._target, self._score)
        if curve.empty:
            raise nothing_to_draw("a ROC curve needs images of both classes")
        from cgid.charts import curves

        fpr, tpr = self["false_positive_rate"].value, self["recall"].value
        return curves.roc(curve, None if fpr is None or tpr is None else (fpr, tpr))


def evaluate(
    y_true: ArrayLike,
    score: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    threshold: float = 0.5,
    bootstrap: int = 500,
    seed: int = 2026,
) -> Metrics:
    """Figures of a detector's scores with 95 % intervals.

    y_true: 0 / 1, False / True or "real" / "ai", (n,). score: P(AI) in 0..1, (n,); images with NaN are left out and
    counted in `n_missing`. groups: what is not independent (source photograph, video), (n,); default every image by
    itself. threshold: score >= threshold is called AI. bootstrap: draws of groups; 0 for no bootstrap intervals.

    Shares (accuracy, precision, recall, error rates) have Wilson intervals on the effective sample size of the groups,
    AUC DeLong's over groups, the rest percentiles of a bootstrap over groups.
    Raises InputError: lengths that differ, no rows, a label that is neither, a score outside 0..1.
    """
    from cgid.evaluate.metrics import summary

    target, scores = _targets(y_true), _scores(score)
    if len(target) != len(scores):
        raise InputError(f"y_true has {len(target)} values and score {len(scores)}; they must be of the same images.")
    if not len(target):
        raise InputError("There are no images to evaluate.")
    if groups is not None:
        groups = np.asarray(groups, dtype=object)
        if groups.shape != target.shape:
            raise InputError(
                f"groups has the shape {groups.shape}; one value for each of the {len(target)} images is needed."
            )
    if bootstrap < 0:
        raise InputError(f"bootstrap is {bootstrap}; it is a number of draws, or 0.")
    if not np.isfinite(threshold):
        raise InputError("threshold must be a finite number.")
    return Metrics(summary(target, scores, threshold, groups, bootstrap, seed), target, scores)


def _targets(y_true: Any) -> np.ndarray:
    values = np.asarray(y_true)
    if values.ndim != 1:
        raise InputError(f"y_true has the shape {values.shape}; one label an image, (n,), is needed.")
    if values.dtype.kind in "biuf":
        target = values.astype(float)
        wrong = ~np.isin(target, (0.0, 1.0))
    else:
        target = np.array([TARGETS.get(str(v).strip().lower(), np.nan) for v in values], dtype=float)
        wrong = np.isnan(target)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InputError(f"y_true, value {row + 1}: `{str(values[row])[:80]}` is not one of real, ai (or 0, 1).")
    return target


def _scores(score: Any) -> np.ndarray:
    try:
        values = np.asarray(score, dtype=float)
    except (TypeError, ValueError):
        raise InputError("score holds something that is no number.") from None
    if values.ndim != 1:
        raise InputError(f"score has the shape {values.shape}; one P(AI) an image, (n,), is needed.")
    wrong = ~np.isnan(values) & ((values < 0) | (values > 1))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InputError(f"score, value {row + 1}: {values[row]:g} is no probability of AI in 0..1.")
    return values
