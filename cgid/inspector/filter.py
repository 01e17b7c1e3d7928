"""The inspector's filters: what defines one (texts, parameters and one function), and the registry of all of them.

A module in `filters/` that holds a `FILTER` is registered by being there.
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

CATEGORIES = ("Colour and light", "Edges and detail", "Frequencies", "Noise", "Compression", "Copies and repairs")


@dataclass(frozen=True, slots=True)
class Slider:
    """A number from `low` to `high`; an integer where `step` and `start` are `int`."""

    name: str
    title: str
    low: float
    high: float
    start: float
    step: float
    unit: str = ""

    def check(self, value: Any) -> float:
        """The value as the filter receives it. Raises InputError if it is not a number or out of range."""
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise InputError(f"{self.title} must be a number, not {value!r}.") from None
        if not self.low <= number <= self.high:
            raise InputError(f"{self.title} must lie between {self.low:g} and {self.high:g}, not at {number:g}.")
        return int(number) if isinstance(self.start, int) else number


@dataclass(frozen=True, slots=True)
class Span:
    """A band: two numbers, lower and upper, within `low` to `high`. The filter receives a tuple."""

    name: str
    title: str
    low: float
    high: float
    start: tuple[float, float]
    step: float
    unit: str = ""

    def check(self, value: Any) -> tuple[float, float]:
        """The band as floats. Raises InputError unless they are two ordered numbers within range."""
        try:
            lower, upper = (float(v) for v in value)
        except (TypeError, ValueError):
            raise InputError(f"{self.title} must be two numbers, not {value!r}.") from None
        if not self.low <= lower <= upper <= self.high:
            raise InputError(
                f"{self.title} must lie between {self.low:g} and {self.high:g}, not at {lower:g} to {upper:g}."
            )
        return lower, upper


@dataclass(frozen=True, slots=True)
class Choice:
    """One of `options`, each a short readable text; the filter receives that text."""

    name: str
    title: str
    options: tuple[str, ...]
    start: str

    def check(self, value: Any) -> str:
        """The option. Raises InputError on any other value."""
        if value not in self.options:
            raise InputError(f"{self.title} must be one of {', '.join(self.options)}, not {value!r}.")
        return str(value)


Parameter = Slider | Span | Choice


@dataclass(frozen=True, slots=True)
class FilterResult:
    """The result of a filter on one view.

    finding: one sentence that states the result, with its value where there is one; also the picture's alternative
    text. picture: uint8 (h, w) or (h, w, 3) of the height and width of `view.rgb`, so that it can be overlaid; None if
    the filter gives only a plot. columns: the plot's data, arrays of equal length, for `Filter.chart`. aligned: False
    if the picture has a size of its own (a spectrum) and cannot be overlaid.
    """

    finding: str
    picture: np.ndarray | None = None
    columns: Mapping[str, np.ndarray] = field(default_factory=dict)
    aligned: bool = True


@dataclass(frozen=True, slots=True)
class Filter:
    """A module in `inspector/filters/` that holds `FILTER = Filter(…)` is registered by being there.

    name: the module's name. category: one of CATEGORIES. shows, read, cannot: one or two plain sentences each: what it
    shows, how to read it, what it cannot show. apply: `apply(view, **parameters) -> FilterResult`; works from 1 x 1 px
    and says in `finding` if it has nothing to show. chart: the module of `cgid/charts` whose `figure(columns)` draws
    `FilterResult.columns`. cite: source of the method. version: raised when the same parameters give another picture.
    former_names: {earlier name of a parameter: its name}, so that records written before a renaming stay readable.
    """

    name: str
    title: str
    category: str
    shows: str
    read: str
    cannot: str
    apply: Callable[..., FilterResult]
    parameters: tuple[Parameter, ...] = ()
    chart: str = ""
    cite: str = ""
    version: int = 1
    former_names: Mapping[str, str] = field(default_factory=dict)

    def values(self, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """{parameter: value}, defaults where none is given.

        Raises InputError on an unknown name or an invalid value.
        """
        given = {self.former_names.get(name, name): value for name, value in (given or {}).items()}
        known = {p.name: p for p in self.parameters}
        if unknown := sorted(set(given) - set(known)):
            raise InputError(f"{self.title} has no parameter {', '.join(unknown)}.")
        return {name: p.check(given.get(name, p.start)) for name, p in known.items()}

    def run(self, view: View, given: Mapping[str, Any] | None = None) -> FilterResult:
        """Apply the filter with checked parameters. Raises InputError as `values` does."""
        return self.apply(view, **self.values(given))


@cache
def all_filters() -> dict[str, Filter]:
    """{name: filter}, sorted by category and title. Raises ValueError on an unknown category."""
    registered = load(filters, "FILTER", entry_points="cgid.filters")
    if unknown := [name for name, one in registered.items() if one.category not in CATEGORIES]:
        raise ValueError(f"unknown category in filters {unknown}")
    return dict(sorted(registered.items(), key=lambda item: (CATEGORIES.index(item[1].category), item[1].title)))
