"""When a training has had enough epochs: none of the last few was better than the best before them."""

from __future__ import annotations

from typing import Any

from cgid.train.record import best_epoch


def stalled(history: list[dict[str, Any]], patience: int) -> bool:
    """Whether `patience` epochs have passed since the best one (by the figures that choose it); patience 0 = never.

    It follows from the history alone, so a resumed training stops where an uninterrupted one does. Without validation
    figures the last epoch counts as the best, and training never stops early.
    """
    return patience > 0 and len(history) > 0 and history[-1]["epoch"] - best_epoch(history) >= patience
