"""What a filter of the inspection bench is: words, parameters and one function, all in the file that computes it.

Finds every filter of the bench: a file in filters/ that holds FILTER is on it by being there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from cgid.errors import InputError
from cgid.inspector import filters
from cgid.registry import load

if TYPE_CHECKING:
    from cgid.inspector.view import View

SHELVES = ("Colour and light", "Edges and detail", "Frequencies", "Noise", "Compression", "Copies and repairs")


@dataclass(frozen=True, slots=True)
class Slider:
    """A number from `low` to `high`. A parameter is whole where `step` and `start` are `int`."""

    name: str
    title: str
    low: float
    high: float
    start: float
    step: float
    unit: str = ""

    def check(self, value: Any) -> float:
        """The value as the filter gets it. Raises InputError where it is no number or out of range."""
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise InputError(f"{self.title} is to be a number, not {value!r}.") from None
        if not self.low <= number <= self.high:
            raise InputError(f"{self.title} lies between {self.low:g} and {self.high:g}, not at {number:g}.")
        return int(number) if isinstance(self.start, int) else number


@dataclass(frozen=True, slots=True)
class Span:
    """Two numbers, lower and upper, within `low` to `high`: a band. The filter gets a tuple."""

    name: str
    title: str
    low: float
    high: float
    start: tuple[float, float]
    step: float
    unit: str = ""

    def check(self, value: Any) -> tuple[float, float]:
        """Raises InputError where they are no numbers, out of range or the wrong way round."""
        try:
            lower, upper = (float(v) for v in value)
        except (TypeError, ValueError):
            raise InputError(f"{self.title} is to be two numbers, not {value!r}.") from None
        if not self.low <= lower <= upper <= self.high:
            raise InputError(
                f"{self.title} lies between {self.low:g} and {self.high:g}, not at {lower:g} to {upper:g}."
            )
        return lower, upper


@dataclass(frozen=True, slots=True)
class Choice:
    """One of `options`, each a short word for people; the filter gets the word."""

    name: str
    title: str
    options: tuple[str, ...]
    start: str

    def check(self, value: Any) -> str:
        """Raises InputError on any other word."""
        if value not in self.options:
            raise InputError(f"{self.title} is one of {', '.join(self.options)}, not {value!r}.")
        return str(value)


Parameter = Slider | Span | Choice


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a filter made of a view.

    finding: one sentence for people, with the figure where there is one; it is the picture's alternative text.
    picture: uint8 (h, w) or (h, w, 3) of the same height and width as `view.rgb`, so that it can be laid over it;
    None where the filter gives a plot alone. columns: the plot's data, arrays of equal length, for `Filter.chart`.
    aligned: False where the picture has a size of its own (a spectrum) and cannot be laid over the view.
    """

    finding: str
    picture: np.ndarray | None = None
    columns: Mapping[str, np.ndarray] = field(default_factory=dict)
    aligned: bool = True


@dataclass(frozen=True, slots=True)
class Filter:
    """A file in `bench/filters/` that holds `FILTER = Filter(…)` is on the bench by being there.

    name: as the file is called. shelf: one of SHELVES. shows, read, cannot: one or two plain sentences each: what it
    shows, how to read it, what it cannot show. draw: `draw(view, **parameters) -> Drawn`; works from 1 x 1 px, says in
    `finding` where it has nothing to show. chart: the module of `cgid/charts` whose `figure(columns)` draws
    `Drawn.columns`. cite: source of the method. version: raised when the same parameters give another picture.
    """

    name: str
    title: str
    shelf: str
    shows: str
    read: str
    cannot: str
    draw: Callable[..., Drawn]
    parameters: tuple[Parameter, ...] = ()
    chart: str = ""
    cite: str = ""
    version: int = 1

    def values(self, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """{parameter: value} with defaults for what is not given. Raises InputError on an unknown name or bad value."""
        given = dict(given or {})
        known = {p.name: p for p in self.parameters}
        if unknown := sorted(set(given) - set(known)):
            raise InputError(f"{self.title} has no parameter {', '.join(unknown)}.")
        return {name: p.check(given.get(name, p.start)) for name, p in known.items()}

    def run(self, view: View, given: Mapping[str, Any] | None = None) -> Drawn:
        """Draw with checked parameters. Raises InputError as `values` does."""
        return self.draw(view, **self.values(given))


@cache
def all_filters() -> dict[str, Filter]:
    """{name: filter}, by shelf, then title. Raises ValueError on an unknown shelf."""
    found = load(filters, "FILTER", entry_points="cgid.filters")
    if wrong := [name for name, each in found.items() if each.shelf not in SHELVES]:
        raise ValueError(f"unknown shelf in filters {wrong}")
    return dict(sorted(found.items(), key=lambda item: (SHELVES.index(item[1].shelf), item[1].title)))
