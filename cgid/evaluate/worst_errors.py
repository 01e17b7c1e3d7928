"""The most confident errors of both kinds, spread over groups and sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

MAX_PER_GROUP = 2  # images of one photograph, video or near-duplicate cluster
MAX_PER_ORIGIN = 4  # images of one source and generator, as long as others are available


def worst(
    label: np.ndarray,
    score: np.ndarray,
    threshold: float,
    images: int = 24,
    *,
    strength: np.ndarray | None = None,
    groups: Sequence[Any] | None = None,
    origins: Sequence[Any] | None = None,
) -> dict[str, list[int]]:
    """{"accused": rows of real photos called AI, "missed": rows of AI images called real}, most confident first.

    label: 0/1, (n,). score: P(ai), (n,); classified as AI at `threshold` and above. strength: sort key, (n,),
    default the score (a logit still distinguishes scores that round to 1.0). Half of the images each; where one kind has
    fewer, the other fills up. At most two rows per group, and four per origin as long as other origins have rows left.
    Ties keep the order of the table.
    """
    y, p = np.asarray(label, dtype=float), np.asarray(score, dtype=float)
    by = p if strength is None else np.where(np.isfinite(strength), strength, p)
    known = np.isfinite(y) & np.isfinite(p)
    wrong = {"accused": known & (y == 0) & (p >= threshold), "missed": known & (y == 1) & (p < threshold)}
    ordered = {}
    for kind, sign in (("accused", -1), ("missed", 1)):
        rows = np.flatnonzero(wrong[kind])
        ordered[kind] = _capped(rows[np.argsort(sign * by[rows], kind="stable")].tolist(), groups, MAX_PER_GROUP)
    half = images // 2
    room = {
        "accused": max(half, images - len(ordered["missed"])),
        "missed": max(half, images - len(ordered["accused"])),
    }
    return {kind: _mixed_origins(rows, origins, room[kind]) for kind, rows in ordered.items()}


def _capped(rows: list[int], names: Sequence[Any] | None, max_per_name: int) -> list[int]:
    """The rows without those whose name occurs more than `max_per_name` times; rows without a name all stay."""
    if names is None:
        return rows
    seen: Counter[str] = Counter()
    selected = []
    for row in rows:
        name = names[row]
        seen[name] += 1
        if name is None or name != name or name == "" or seen[name] <= max_per_name:
            selected.append(row)
    return selected


def _mixed_origins(rows: list[int], origins: Sequence[Any] | None, room: int) -> list[int]:
    first = set(_capped(rows, origins, MAX_PER_ORIGIN)[:room])
    rest = [row for row in rows if row not in first][: room - len(first)]
    chosen = first | set(rest)
    return [row for row in rows if row in chosen]
