"""Fits one variant of Model B: columns in, preparation and estimator out, fitted on training rows only."""

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
from cgid.model_b.preparation import Preparation, fit_preparation
from cgid.model_b.rows import Rows
from cgid.progress import Progress, silent

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
    the preset `no_format` leaves out (traces of JPEG in the pixels), and columns no group has registered, since their
    family is unknown.
    """
    from cgid.features.registry import all_groups

    groups = all_groups()
    tainted: set[str] = set()
    for key, group in groups.items():  # in dependency order: what a group reads comes before it
        if group.family in FORMAT_FAMILIES or tainted & set(group.after):
            tainted.add(key)
    clean = {c for key, group in groups.items() if key not in tainted for c in group.columns}
    content = [c for c in columns if c in clean and not c.startswith(FORMAT_PREFIXES)]
    return content, [c for c in columns if c not in content]


def usable(raw: np.ndarray, columns: Sequence[str]) -> tuple[list[int], dict[str, list[str]]]:
    """(indices of columns worth learning from, {"all_missing": […], "zero_variance": […]}), by training rows."""
    usable_indices = []
    dropped: dict[str, list[str]] = {"all_missing": [], "zero_variance": []}
    for i, name in enumerate(columns):
        present = raw[np.isfinite(raw[:, i]), i]
        if not len(present):
            dropped["all_missing"].append(name)
        elif present.min() == present.max():
            dropped["zero_variance"].append(name)
        else:
            usable_indices.append(i)
    return usable_indices, dropped


def train_variant(
    name: str,
    rows: Rows,
    columns: Sequence[str],
    params: TrainModelBParams,
    workers: int,
    progress: Progress = silent,
    with_importance: bool = True,
) -> Variant:
    """Fit on train, choose the epoch on the choosing half of val, calibrate on the calibration half.

    weigh: also make the tables of weights and clusters. Raises InputError where no column varies on the training rows.
    """
    values = rows.frame[list(columns)].to_numpy(dtype=float, na_value=np.nan)
    values = np.where(np.isfinite(values), values, np.nan)
    training, selection = rows.where("train"), rows.epoch_selection
    keep, dropped = usable(values[training], columns)
    if not keep:
        raise InputError("No feature of the table varies over the training rows; there is nothing to learn from.")
    values, used_columns = values[:, keep], [columns[i] for i in keep]
    flags = [i for i, column in enumerate(used_columns) if column.endswith("_missing")]
    preparation = fit_preparation(values[training], used_columns, values[training][:, flags] if flags else None)
    matrix, label = preparation.matrix(values), rows.label
    training_data, selection_data = (matrix[training], label[training]), (matrix[selection], label[selection])
    if params.kind == "linear":
        fit_: fit_linear.LinearFit | fit_trees.TreeFit = fit_linear.fit(
            training_data, selection_data, epochs=params.epochs, batch_size=params.batch_size, lr=params.lr, seed=params.seed,
            progress=progress,
        )  # fmt: skip
    elif params.kind == "logistic":
        fit_ = fit_linear.fit_logistic(training_data, selection_data, seed=params.seed)
        progress(params.epochs, params.epochs, "the minimum is found")
    else:
        fit_ = fit_trees.fit(params.kind, training_data, selection_data, seed=params.seed, workers=workers)
        progress(params.epochs, params.epochs, "trees are grown")
    families = _families(preparation)
    weights, cluster_table = {}, {}
    if with_importance:
        weights = _weights(fit_, preparation, families, rows, matrix, params.seed)
        cluster_table = clusters.importance(fit_.logits, preparation, families, rows, values, matrix, params.seed)
    logit = fit_.logits(matrix)
    calibration = fit_temperature(logit[rows.calibration], label[rows.calibration])
    return Variant(name, preparation, fit_, families, weights, logit, calibration, cluster_table, dropped)


def _families(preparation: Preparation) -> list[str]:
    from cgid.features.registry import family_of

    by_feature = [family_of(name) for name in preparation.features]
    return [by_feature[owner] for owner in preparation.owners]


def _weights(
    fit_: Any, preparation: Preparation, families: list[str], rows: Rows, matrix: np.ndarray, seed: int
) -> dict[str, list[Any]]:
    """Columns of coefficients.csv (linear, logistic) or importances.csv (trees)."""
    if isinstance(fit_, fit_linear.LinearFit):
        training = rows.where("train")
        codes = group_codes(rows.groups[training], int(training.sum()))
        low, high = fit_linear.intervals(matrix[training], rows.label[training], codes, fit_)
        values: dict[str, Any] = {"coefficient": fit_.coefficients, "low": low, "high": high}
        values |= {"mean": preparation.mean, "std": preparation.std}
        return {"feature": list(preparation.columns), "family": families} | _lists(values)
    validation = rows.where("val")
    auc_losses = fit_trees.permutation_importance(
        fit_, matrix[validation], rows.label[validation], preparation.owners, seed
    )
    count = len(preparation.features)
    values = {"importance": auc_losses.mean(axis=0), "low": auc_losses.min(axis=0), "high": auc_losses.max(axis=0)}
    values |= {"mean": preparation.mean[:count], "std": preparation.std[:count]}
    return {"feature": list(preparation.features), "family": families[:count]} | _lists(values)


def _lists(values: dict[str, Any]) -> dict[str, list[Any]]:
    return {name: np.asarray(column, dtype=float).tolist() for name, column in values.items()}
