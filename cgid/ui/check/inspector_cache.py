"""Cache of filter results for all sessions together, bounded in bytes: a slider moved back costs nothing."""

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

MAX_RESULT_BYTES = 256_000_000
MAX_VIEW_BYTES = 600_000_000  # with the intermediate results of their filters

Value = TypeVar("Value")


class LruCache(Generic[Value]):
    """Least recently used values go first once `most` is exceeded; the newest always stays."""

    def __init__(self, max_bytes: int, weight: Callable[[Value], int]) -> None:
        self._most, self._weight, self._lock = max_bytes, weight, threading.Lock()
        self._held: OrderedDict[Any, Value] = OrderedDict()

    def get(self, key: Any, make: Callable[[], Value]) -> Value:
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
        value = make()
        with self._lock:
            self._held[key] = value
            self._held.move_to_end(key)
            while len(self._held) > 1 and sum(map(self._weight, self._held.values())) > self._most:
                self._held.popitem(last=False)
        return value


@dataclass(frozen=True)
class CachedResult:
    """The result of a filter on a view. png: empty without a map. failed: it could not be applied; `finding` says why."""

    finding: str
    png: bytes = b""
    columns: Mapping[str, np.ndarray] = field(default_factory=dict)
    aligned: bool = True
    failed: bool = False
    seconds: float = 0.0

    @property
    def picture(self) -> np.ndarray | None:
        """The filter's map, uint8 (h, w) or (h, w, 3)."""
        from PIL import Image

        return np.asarray(Image.open(io.BytesIO(self.png))) if self.png else None


@st.cache_resource(show_spinner=False)
def _views() -> LruCache[View]:
    return LruCache(MAX_VIEW_BYTES, lambda view: _bytes(vars(view)))


def _bytes(held: Any) -> int:
    """Bytes of all arrays in it; memory shared with the decoded image, which is cached elsewhere, is counted too."""
    if isinstance(held, np.ndarray):
        return held.nbytes
    if isinstance(held, Mapping):
        return sum(map(_bytes, list(held.values())))
    return sum(map(_bytes, held)) if isinstance(held, tuple | list) else 0


@st.cache_resource(show_spinner=False)
def _results() -> LruCache[CachedResult]:
    return LruCache(MAX_RESULT_BYTES, lambda look: len(look.png) + sum(c.nbytes for c in look.columns.values()) + 500)


def view_of(subject: Subject, across: float, down: float, side: int | None) -> View:
    """The region of the image around a point; the same object again, with the intermediate results of its filters.

    Raises InputError if the image cannot be read, or is too large to be used whole.
    """
    key = (subject.sha256, subject.name, across, down, side)
    return _views().get(key, lambda: View.at(subject.image, across, down, side))


def picture_of(view: View) -> bytes:
    """The view before any filter, as PNG."""
    return _results().get((*_region_key(view), "picture"), lambda: CachedResult("", lossless(view.rgb))).png


def filter_result(view: View, one: Filter, params: Mapping[str, Any]) -> CachedResult:
    """The result of the filter. A failure is reported in one sentence and tried again next time."""
    values = one.values(params)
    key = (*_region_key(view), one.name, one.version, json.dumps(values, sort_keys=True))
    try:
        return _results().get(key, lambda: _apply(view, one, values))
    except InputError as refused:
        return CachedResult(str(refused), failed=True)
    except Exception as problem:  # the edge where one filter fails on one image and the page goes on
        logging.getLogger(__name__).warning("filter %s of %s: %r", one.name, view.image.name, problem, exc_info=True)
        return CachedResult(f"{one.title} could not be applied to this image.", failed=True)


def map_result(subject: Subject, name: str) -> CachedResult:
    """A feature group's own map, computed on the region of the image that the group uses."""
    from cgid.forensics.maps import all_maps, maps
    from cgid.forensics.models import current_models

    def make() -> CachedResult:
        about, began = all_maps()[name], time.perf_counter()
        maps_by_name = maps(subject.image, [name])
        if name not in maps_by_name:
            return CachedResult(f"{about.title} is not available for this image.", failed=True)
        seconds = time.perf_counter() - began
        return CachedResult(about.legend, lossless(maps_by_name[name]), aligned=False, seconds=seconds)

    network = current_models().network  # one of the maps is where Model A looked
    return _results().get((subject.sha256, "map", name, network.sha256 if network else ""), make)


def _apply(view: View, one: Filter, values: Mapping[str, Any]) -> CachedResult:
    began = time.perf_counter()
    result = one.run(view, values)
    png = b"" if result.picture is None else lossless(result.picture)
    return CachedResult(result.finding, png, result.columns, result.aligned, seconds=time.perf_counter() - began)


def _region_key(view: View) -> tuple:
    return view.image.sha256, view.left, view.top, view.width, view.height
