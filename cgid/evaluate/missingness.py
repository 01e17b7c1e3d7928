"""Missing values by class, features that are missing together told once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np


def by_class(features: Sequence[str], missing: np.ndarray, counts: np.ndarray, owner: Mapping[str, str]) -> list[dict]:
    """Rows {name, real, ai, gap, features, members}, largest gap first; features that are always there are left out.

    missing: images without a value by feature and class (real, AI, …), (f, >= 2). counts: images of each class.
    real, ai: shares 0..1, NaN where a class has no image. gap: |real - ai|. Features of one `owner` with the same numbers
    missing make one row, named after the feature, or after the owner where there are several.
    """
    together: dict[tuple, list[str]] = {}
    for name, lost in zip(features, np.asarray(missing)):
        if lost[:2].any():
            key = (owner.get(name, name), int(lost[0]), int(lost[1]))
            together.setdefault(key, []).append(name)
    rows = []
    for (group, real, ai), members in together.items():
        shares = [n / c if c else float("nan") for n, c in zip((real, ai), counts)]
        name = members[0] if len(members) == 1 else f"{group} ({len(members)} features)"
        rows.append(
            {"name": name, "real": shares[0], "ai": shares[1], "gap": abs(shares[0] - shares[1]), "features": len(members), "members": tuple(members)}
        )  # fmt: skip
    rows = sorted(
        rows, key=lambda r: (-np.nan_to_num(r["gap"], nan=-1.0), -max(np.nan_to_num([r["real"], r["ai"]])), r["name"])
    )
    seen: dict[str, int] = {}
    for row in rows:  # one owner may have several such rows of the same size: names stay apart
        seen[row["name"]] = seen.get(row["name"], 0) + 1
        if seen[row["name"]] > 1:
            row["name"] = f"{row['members'][0]} and {row['features'] - 1} more"
    return rows
