"""Answers have priority: while a session waits for one, stability checks and occlusion maps are held back.

Also preloads what the first answer would wait for (libraries, current models) while the first image is being chosen.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import threading
import time
from collections.abc import Iterator

MAX_LATER_TASKS = min(4, os.cpu_count() or 1)  # low-priority tasks: more would only wait for a processor
MAX_WAIT_SECONDS = 3.0  # s that it gives way: with many sessions in a row its turn comes too

_changed = threading.Condition()
_answers = 0
_later = 0


@contextlib.contextmanager
def answer() -> Iterator[None]:
    """Context of computing an answer."""
    global _answers
    with _changed:
        _answers += 1
    try:
        yield
    finally:
        with _changed:
            _answers -= 1
            _changed.notify_all()


@contextlib.contextmanager
def later() -> Iterator[None]:
    """Context of low-priority work: begins once no answer is being computed and few other such tasks run."""
    global _later
    until = time.monotonic() + MAX_WAIT_SECONDS
    with _changed:
        while (_answers or _later >= MAX_LATER_TASKS) and (left := until - time.monotonic()) > 0:
            _changed.wait(left)
        _later += 1
    try:
        yield
    finally:
        with _changed:
            _later -= 1
            _changed.notify_all()


_first = threading.Lock()  # acquired by the first session and never released


def begin() -> None:
    """Preload once in the life of a server, in the background; other sessions wait only for what they need."""
    if _first.acquire(blocking=False):
        # Not a daemon: an interpreter that ends while a library is half loaded would crash.
        threading.Thread(target=_load, name="warm").start()


def _load() -> None:
    """One answer on a tiny image loads all that an answer needs; nothing of it is saved."""
    import io

    from PIL import Image

    try:
        from cgid.charts import feature_strip  # noqa: F401
        from cgid.forensics.check import check
        from cgid.records.keep import save_check  # noqa: F401
        from cgid.records.store import analyses  # noqa: F401
        from cgid.ui.shared.load import data_url

        buffer = io.BytesIO()
        tiny = Image.effect_noise((64, 64), 40)
        tiny.convert("RGB").save(buffer, "JPEG")
        check(buffer.getvalue(), "tiny.jpg")
        data_url(tiny, 32)
        # Streamlit looks for garbage after every run of a page: through all libraries that takes as long as a page itself.
        gc.collect()
        gc.freeze()
    except Exception as problem:  # the edge where warming up fails and the first answer is slower, or says why
        logging.getLogger(__name__).warning("preloading failed: %r", problem)
