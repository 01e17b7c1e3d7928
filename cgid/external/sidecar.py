"""The sidecar of an external detector: a small JSON file that specifies its input and output.

{"input_size": 224, "output": "logit", "positive_class": "ai"} is enough where the file takes RGB in 0..1, normalised
as ImageNet's networks are; everything else has its key below.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from cgid.errors import InputError
from cgid.models.preprocess import FITS, MEAN, STD, Preprocess

MAX_BYTES = 1_000_000
OUTPUTS = ("logit", "probability", "softmax", "two_logits")
CHOICES = {
    "fit": FITS,
    "range": (1, 255),
    "channel_order": ("rgb", "bgr"),
    "layout": ("nchw", "nhwc"),
    "output": OUTPUTS,
    "index": (0, 1),
    "positive_class": ("ai", "real"),
}
REQUIRED = ("input_size", "output", "positive_class")


@dataclass(frozen=True, slots=True)
class Sidecar:
    """input_size: side of the square input, px. fit: see `Preprocess`. mean, std: of each channel, in the order the
    network takes them, of values in 0..`range`. channel_order, layout: of the input.

    output: `logit` (one number, log odds), `probability` (one number, 0..1), `softmax` (two that add up to one) or
    `two_logits` (two before the softmax). index: the column of the two that stands for positive_class.
    positive_class: what a high number stands for. output_name: needed where the file has several.
    """

    input_size: int
    output: str
    positive_class: str
    fit: str = "resize"
    mean: tuple[float, ...] = MEAN
    std: tuple[float, ...] = STD
    range: int = 1
    channel_order: str = "rgb"
    layout: str = "nchw"
    index: int = 1
    output_name: str = ""
    resize_to: int = 0

    @classmethod
    def read(cls, path: Path) -> Sidecar:
        """Raises InputError: no JSON object, a key missing or unknown, a value that is not one of those possible."""
        try:
            with open(path, "rb") as file:
                data = file.read(MAX_BYTES + 1)
            content = json.loads(data.decode("utf-8-sig")) if len(data) <= MAX_BYTES else None
        except (OSError, ValueError, RecursionError) as error:
            raise InputError(f"{path} cannot be read as JSON ({str(error)[:200]}).") from None
        if not isinstance(content, dict):
            raise InputError(f"{path} holds no JSON object; a sidecar is one, with {', '.join(REQUIRED)}.")
        return cls._of(content, path.name)

    @classmethod
    def _of(cls, content: dict[str, Any], name: str) -> Sidecar:
        known = [field.name for field in fields(cls)]
        if missing := [key for key in REQUIRED if key not in content]:
            raise InputError(f"{name}: `{missing[0]}` is missing; a sidecar names {', '.join(REQUIRED)}.")
        if unknown := [str(key) for key in content if key not in known]:
            raise InputError(f"{name}: `{unknown[0][:60]}` is not a key of a sidecar; those are {', '.join(known)}.")
        for key, values in CHOICES.items():
            if key in content and (isinstance(content[key], bool) or content[key] not in values):
                shown = ", ".join(str(v) for v in values)
                raise InputError(f"{name}: `{key}` is {str(content[key])[:60]!r}; it must be one of {shown}.")
        size = content["input_size"]
        if isinstance(size, bool) or not isinstance(size, int) or not 8 <= size <= 4096:
            raise InputError(f"{name}: `input_size` is {str(size)[:60]}; it must be whole pixels from 8 to 4096.")
        shorter = content.get("resize_to", size)
        if "resize_to" in content and content.get("fit") != "resize_crop":
            raise InputError(f"{name}: `resize_to` belongs to `fit` resize_crop; leave it out, or name that fit.")
        if isinstance(shorter, bool) or not isinstance(shorter, int) or not size <= shorter <= 4096:
            raise InputError(
                f"{name}: `resize_to` is {str(shorter)[:60]}; it must be whole pixels from {size} to 4096."
            )
        if not isinstance(content.get("output_name", ""), str):
            raise InputError(f"{name}: `output_name` must be text.")
        triples: dict[str, tuple[float, ...]] = {
            key: _triple(content[key], key, name) for key in ("mean", "std") if key in content
        }
        if not all(s > 0 for s in triples.get("std", STD)):
            raise InputError(f"{name}: each of `std` must be above 0.")
        settings: dict[str, Any] = {**content, **triples}
        return cls(**settings)

    @property
    def preprocess(self) -> Preprocess:
        """The same as our own networks' preprocessing: of RGB, of values in 0..1."""
        step = -1 if self.channel_order == "bgr" else 1
        mean, std = (tuple(float(v) / self.range for v in triple[::step]) for triple in (self.mean, self.std))
        return Preprocess(self.input_size, self.fit, mean, std, self.resize_to)

    def to_json(self) -> dict[str, Any]:
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}


def _triple(value: Any, key: str, name: str) -> tuple[float, ...]:
    numbers = value if isinstance(value, list) else []
    good = [v for v in numbers if isinstance(v, int | float) and not isinstance(v, bool) and abs(v) < 1e6]
    if len(numbers) != 3 or len(good) != 3 or not all(math.isfinite(v) for v in good):
        raise InputError(f"{name}: `{key}` must be a list of three numbers, one for each channel.")
    return tuple(float(v) for v in good)
