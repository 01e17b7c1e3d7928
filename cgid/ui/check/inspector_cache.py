"""What the bench has drawn lately, for all visits together and bounded in bytes: a slider moved back costs nothing."""

from __future__ import annotations

import io
import json
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import numpy as np
import streamlit as st

from cgid.errors import InputError
from cgid.inspector.filter import Filter
from cgid.inspector.view import View
from cgid.ui.check.subject import Subject
from cgid.ui.components.viewer import lossless

MOST_BYTES = 256_000_000
MOST_VIEW_BYTES = 600_000_000  # with the intermediate results of their filters

Kept = TypeVar("Kept")


class Store(Generic[Kept]):
    """Least recently used values go first once `most` is exceeded; the newest always stays."""

    def __init__(self, most: int, weight: Callable[[Kept], int]) -> None:
        self._most, self._weight, self._lock = most, weight, threading.Lock()
        self._held: OrderedDict[Any, Kept] = OrderedDict()

    def get(self, key: Any, make: Callable[[], Kept]) -> Kept:
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
        made = make()
        with self._lock:
            self._held[key] = made
            self._held.move_to_end(key)
            while len(self._held) > 1 and sum(map(self._weight, self._held.values())) > self._most:
                self._held.popitem(last=False)
        return made


@dataclass(frozen=True)
class Look:
    """A filter on a view. png: empty where there is no picture. failed: it could not be drawn; `finding` says so."""

    finding: str
    png: bytes = b""
    columns: Mapping[str, np.ndarray] = field(default_factory=dict)
    aligned: bool = True
    failed: bool = False
    seconds: float = 0.0

    @property
    def picture(self) -> np.ndarray | None:
        """uint8 (h, w) or (h, w, 3), as the filter drew it."""
        from PIL import Image

        return np.asarray(Image.open(io.BytesIO(self.png))) if self.png else None


@st.cache_resource(show_spinner=False)
def _views() -> Store[View]:
    return Store(MOST_VIEW_BYTES, lambda view: _bytes(vars(view)))


def _bytes(held: Any) -> int:
    """Of all arrays in it; what they share with the decoded image, which is kept elsewhere, is counted too."""
    if isinstance(held, np.ndarray):
        return held.nbytes
    if isinstance(held, Mapping):
        return sum(map(_bytes, list(held.values())))
    return sum(map(_bytes, held)) if isinstance(held, tuple | list) else 0


@st.cache_resource(show_spinner=False)
def _looks() -> Store[Look]:
    return Store(MOST_BYTES, lambda look: len(look.png) + sum(c.nbytes for c in look.columns.values()) + 500)


def view_of(subject: Subject, across: float, down: float, side: int | None) -> View:
    """The part of the picture around a point; the same object again, with what its filters have computed on the way.

    Raises InputError where the picture cannot be read, or is too large to be taken whole.
    """
    key = (subject.sha256, subject.name, across, down, side)
    return _views().get(key, lambda: View.at(subject.image, across, down, side))


def picture_of(view: View) -> bytes:
    """The view before any filter, as PNG."""
    return _looks().get((*_place(view), "picture"), lambda: Look("", lossless(view.rgb))).png


def look(view: View, one: Filter, params: Mapping[str, Any]) -> Look:
    """What the filter draws. A fault costs one sentence, and is tried again next time."""
    values = one.values(params)
    key = (*_place(view), one.name, one.version, json.dumps(values, sort_keys=True))
    try:
        return _looks().get(key, lambda: _drawn(view, one, values))
    except InputError as refused:
        return Look(str(refused), failed=True)
    except Exception as problem:  # the edge where one filter fails on one image and the page goes on
        logging.getLogger(__name__).warning("filter %s of %s: %r", one.name, view.image.name, problem, exc_info=True)
        return Look(f"{one.title} could not be drawn on this picture.", failed=True)


def look_at_map(subject: Subject, name: str) -> Look:
    """A feature group's own map, which is drawn on the part of the picture that the group measures."""
    from cgid.forensics.maps import all_maps, maps
    from cgid.forensics.models import current_models

    def make() -> Look:
        about, began = all_maps()[name], time.perf_counter()
        drawn = maps(subject.image, [name])
        if name not in drawn:
            return Look(f"{about.title} has nothing to show on this picture.", failed=True)
        seconds = time.perf_counter() - began
        return Look(about.legend, lossless(drawn[name]), aligned=False, seconds=seconds)

    network = current_models().network  # one of the maps is where Model A looked
    return _looks().get((subject.sha256, "map", name, network.sha256 if network else ""), make)


def _drawn(view: View, one: Filter, values: Mapping[str, Any]) -> Look:
    began = time.perf_counter()
    drawn = one.run(view, values)
    png = b"" if drawn.picture is None else lossless(drawn.picture)
    return Look(drawn.finding, png, drawn.columns, drawn.aligned, seconds=time.perf_counter() - began)


def _place(view: View) -> tuple:
    return view.image.sha256, view.left, view.top, view.width, view.height
