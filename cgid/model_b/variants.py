"""Fits one variant of Model B: columns in, learned preparation and estimator out; learns from training rows only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cgid.errors import InputError
from cgid.evaluate.calibration import Calibration, fit_temperature
from cgid.evaluate.intervals import group_codes
from cgid.features.registry import FORMAT_PREFIXES
from cgid.model_b import clusters, fit_linear, fit_trees
from cgid.model_b.params import TrainModelBParams
from cgid.model_b.preparation import Preparation, learn
from cgid.model_b.rows import Rows
from cgid.progress import Report, silent

FORMAT_FAMILIES = ("container", "provenance")


@dataclass(frozen=True)
class Variant:
    """One trained variant. logit: raw, per row of the table. weights: table of coefficients or importances. clusters:
    table of importance by cluster."""

    name: str
    preparation: Preparation
    fit: fit_linear.LinearFit | fit_trees.TreeFit
    families: list[str]
    weights: dict[str, list[Any]]
    logit: np.ndarray
    calibration: Calibration
    clusters: dict[str, list[Any]] = field(default_factory=dict)
    dropped: dict[str, list[str]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Its block of model_b.json."""
        block = self.preparation.to_json() | {"families": self.families}
        if isinstance(self.fit, fit_linear.LinearFit):
            block |= {"coefficients": self.fit.coefficients.tolist(), "intercept": self.fit.intercept}
        else:
            by_feature = np.array(self.weights["importance"])
            block["importance"] = by_feature[self.preparation.owners].tolist()
        return block | self.calibration.to_dict()


def content_columns(columns: Sequence[str]) -> tuple[list[str], list[str]]:
    """(columns that say nothing about the file, columns left out).

    Left out: the families container and provenance, every group that reads one of their values (the rules do), what
    the preset `no_format` leaves out (traces of JPEG in the pixels), and columns no group has registered, since nobody
    can vouch for them.
    """
    from cgid.features.registry import all_groups

    groups = all_groups()
    tainted: set[str] = set()
    for key, group in groups.items():  # in dependency order: what a group reads comes before it
        if group.family in FORMAT_FAMILIES or tainted & set(group.after):
            tainted.add(key)
    clean = {c for key, group in groups.items() if key not in tainted for c in group.columns}
    kept = [c for c in columns if c in clean and not c.startswith(FORMAT_PREFIXES)]
    return kept, [c for c in columns if c not in kept]


def usable(raw: np.ndarray, columns: Sequence[str]) -> tuple[list[int], dict[str, list[str]]]:
    """(indices of columns worth learning from, {"all_missing": […], "zero_variance": […]}), by training rows."""
    keep, dropped = [], {"all_missing": [], "zero_variance": []}
    for i, name in enumerate(columns):
        present = raw[np.isfinite(raw[:, i]), i]
        if not len(present):
            dropped["all_missing"].append(name)
        elif present.min() == present.max():
            dropped["zero_variance"].append(name)
        else:
            keep.append(i)
    return keep, dropped


def train_variant(
    name: str,
    rows: Rows,
    columns: Sequence[str],
    params: TrainModelBParams,
    workers: int,
    report: Report = silent,
    weigh: bool = True,
) -> Variant:
    """Fit on train, choose the epoch on the choosing half of val, calibrate on the calibration half.

    weigh: also make the tables of weights and clusters. Raises InputError where no column varies on the training rows.
    """
    whole = rows.frame[list(columns)].to_numpy(dtype=float, na_value=np.nan)
    whole = np.where(np.isfinite(whole), whole, np.nan)
    teach, choose = rows.where("train"), rows.choosing
    keep, dropped = usable(whole[teach], columns)
    if not keep:
        raise InputError("No feature of the table varies over the training rows; there is nothing to learn from.")
    whole, kept = whole[:, keep], [columns[i] for i in keep]
    flags = [i for i, column in enumerate(kept) if column.endswith("_missing")]
    preparation = learn(whole[teach], kept, whole[teach][:, flags] if flags else None)
    matrix, label = preparation.matrix(whole), rows.label
    taught, chosen = (matrix[teach], label[teach]), (matrix[choose], label[choose])
    if params.kind == "linear":
        found = fit_linear.fit(
            taught, chosen, epochs=params.epochs, batch_size=params.batch_size, lr=params.lr, seed=params.seed,
            report=report,
        )  # fmt: skip
    elif params.kind == "logistic":
        found = fit_linear.fit_logistic(taught, chosen, seed=params.seed)
        report(params.epochs, params.epochs, "the minimum is found")
    else:
        found = fit_trees.fit(params.kind, taught, chosen, seed=params.seed, workers=workers)
        report(params.epochs, params.epochs, "trees are grown")
    families = _families(preparation)
    weights, alike = {}, {}
    if weigh:
        weights = _weights(found, preparation, families, rows, matrix, params.seed)
        alike = clusters.importance(found.logits, preparation, families, rows, whole, matrix, params.seed)
    logit = found.logits(matrix)
    calibration = fit_temperature(logit[rows.calibration], label[rows.calibration])
    return Variant(name, preparation, found, families, weights, logit, calibration, alike, dropped)


def _families(preparation: Preparation) -> list[str]:
    from cgid.features.registry import family_of

    by_feature = [family_of(name) for name in preparation.features]
    return [by_feature[owner] for owner in preparation.owners]


def _weights(
    found: Any, preparation: Preparation, families: list[str], rows: Rows, matrix: np.ndarray, seed: int
) -> dict[str, list[Any]]:
    """Columns of coefficients.csv (linear, logistic) or importances.csv (trees)."""
    if isinstance(found, fit_linear.LinearFit):
        teach = rows.where("train")
        codes = group_codes(rows.groups[teach], int(teach.sum()))
        low, high = fit_linear.intervals(matrix[teach], rows.label[teach], codes, found)
        values: dict[str, Any] = {"coefficient": found.coefficients, "low": low, "high": high}
        values |= {"mean": preparation.mean, "std": preparation.std}
        return {"feature": list(preparation.columns), "family": families} | _lists(values)
    judge = rows.where("val")
    lost = fit_trees.permutation_importance(found, matrix[judge], rows.label[judge], preparation.owners, seed)
    count = len(preparation.features)
    values = {"importance": lost.mean(axis=0), "low": lost.min(axis=0), "high": lost.max(axis=0)}
    values |= {"mean": preparation.mean[:count], "std": preparation.std[:count]}
    return {"feature": list(preparation.features), "family": families[:count]} | _lists(values)


def _lists(values: dict[str, Any]) -> dict[str, list[Any]]:
    return {name: np.asarray(column, dtype=float).tolist() for name, column in values.items()}
