"""Fields of `cgid train-model-a` for steps that train as a part of their work: said once, in one place."""

from __future__ import annotations

from typing import Any

from cgid.params import arg
from cgid.train.params import TrainModelAParams


def as_in_training(name: str, *default: Any) -> Any:
    """The field in the same words and with the same choices; with its default unless another is given."""
    field = TrainModelAParams.__dataclass_fields__[name]
    [value] = default or [field.default]
    return arg(value, help=field.metadata["help"], choices=field.metadata["choices"])
