"""Registry of input representations: a file in representations/ that holds REPRESENTATION is registered by being
there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from cgid.errors import InputError
from cgid.models import representations
from cgid.registry import load

if TYPE_CHECKING:
    from torch.nn import Module


@dataclass(frozen=True, slots=True)
class Representation:
    """One view.

    name: as in `--input`. title: human-readable. meaning: one sentence on what the network sees. paper: of the idea.
    channels: of what it gives. build: side S in pixels -> fixed layer of float32 (N, 3, S, S), normalised RGB, to
        (N, channels, S, S); imports torch inside. None: the image itself.
    """

    name: str
    title: str
    meaning: str
    paper: str = ""
    channels: int = 3
    build: Callable[[int], Module] | None = None


@cache
def all_representations() -> dict[str, Representation]:
    """{name: representation}, by name; with those of the entry points `cgid.representations`."""
    return dict(sorted(load(representations, "REPRESENTATION", entry_points="cgid.representations").items()))


def representation(name: str) -> Representation:
    """By name. Raises InputError naming those there are."""
    known = all_representations()
    if name not in known:
        raise InputError(f"No input representation is called {name!r}; there are {', '.join(known)}.")
    return known[name]
