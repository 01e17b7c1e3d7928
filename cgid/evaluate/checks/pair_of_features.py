"""Do two features tell together what neither tells alone: width and height, size and quality?"""

import numpy as np
import pandas as pd
from scipy.special import ndtri

from cgid.audit.verdict import NEAR, PICTURE, TWO_SIDED
from cgid.evaluate.check import Audited, Check, Outcome
from cgid.evaluate.intervals import wilson
from cgid.evaluate.pairs import pair_accuracies
from cgid.evaluate.probes import some_groups

GAIN = 0.10  # balanced accuracy that the pair must add to the better of the two
SHOWN = 20


class PairOfFeatures(Check):
    code = "pair_of_features"
    title = "Pairs of features that give the label away together"
    remedy = "Make both classes alike in the two together (treat the data set), or leave one of them out."

    def run(self, audited: Audited) -> Outcome:
        """Every pair, cross-validated by group; corrected for how many pairs there are (Bonferroni)."""
        if len(audited.columns) < 2 or not 0 < audited.label.mean() < 1:
            return Outcome("not_applicable", "Fewer than two features, or one class only.")
        rows = some_groups(audited.codes, 2026)
        names = list(audited.columns)
        values = np.column_stack([_numbers(audited.frame[c])[rows] for c in names])
        alone, pairs = pair_accuracies(values, audited.label[rows], audited.fold[rows])
        family = audited.features.set_index("feature")["family"].reindex(names).to_numpy()
        groups = len(np.unique(audited.codes[rows]))
        found = _telling(names, family, alone, pairs, groups)
        if not found:
            return Outcome("passed", f"No two of {len(names)} features tell much more together than alone.")
        best = found[0]
        text = (
            f"`{best['first']}` and `{best['second']}` together reach {best['balanced_accuracy']:.1%} balanced accuracy; "
            f"alone they reach {best['first_alone']:.1%} and {best['second_alone']:.1%}."
        )
        more = f" {len(found) - 1} more pairs do so." if len(found) > 1 else ""
        worst = "issue" if any(_is_issue(f) for f in found) else "warning"
        return Outcome(worst, text + more, {"pairs": found[:SHOWN], "count": len(found)})


def _telling(names: list[str], family: np.ndarray, alone: np.ndarray, pairs: np.ndarray, groups: int) -> list[dict]:
    """Pairs beyond chance and beyond their better half, best first. Two pixel features may well tell real from AI: they
    are named from NEAR on, others from TWO_SIDED on."""
    better = np.maximum(alone[:, None], alone[None, :])
    picture = np.isin(family, PICTURE)
    least = np.where(picture[:, None] & picture[None, :], NEAR, TWO_SIDED)
    with np.errstate(invalid="ignore"):
        chosen = np.argwhere((pairs >= least) & (pairs >= better + GAIN))
    z = float(-ndtri(0.025 / max(len(names) * (len(names) - 1) / 2, 1)))
    found = []
    for i, j in chosen:
        low = wilson(pairs[i, j] * groups, groups, z)[0]
        if low is not None and low > max(0.5, better[i, j]):
            found.append(
                {"first": names[i], "second": names[j], "balanced_accuracy": float(pairs[i, j])}
                | {"first_alone": float(alone[i]), "second_alone": float(alone[j])}
                | {"picture": bool(picture[i] and picture[j])}
            )
    return sorted(found, key=lambda f: (f["picture"], -f["balanced_accuracy"]))


def _is_issue(found: dict) -> bool:
    return found["balanced_accuracy"] >= NEAR and not found["picture"]


def _numbers(column: pd.Series) -> np.ndarray:
    return pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)


CHECK = PairOfFeatures()
