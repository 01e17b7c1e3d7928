"""Answers go first: while somebody waits for one, no copies are judged and no network is asked where it looked.

Loads what a first answer would wait for (libraries, current models) while the first person still chooses a picture.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import threading
import time
from collections.abc import Iterator

AT_ONCE = min(4, os.cpu_count() or 1)  # of what can wait: more would only wait for a processor
LONGEST = 3.0  # s that it gives way: among many who come one after another its turn comes too

_changed = threading.Condition()
_answers = 0
_later = 0


@contextlib.contextmanager
def answer() -> Iterator[None]:
    """Around the making of an answer."""
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
    """Around what comes after an answer: begins once no answer is in the making and few others are at theirs."""
    global _later
    until = time.monotonic() + LONGEST
    with _changed:
        while (_answers or _later >= AT_ONCE) and (left := until - time.monotonic()) > 0:
            _changed.wait(left)
        _later += 1
    try:
        yield
    finally:
        with _changed:
            _later -= 1
            _changed.notify_all()


_first = threading.Lock()  # taken by the first visit and never given back


def begin() -> None:
    """Once in the life of a server, in the background; a visit that comes meanwhile waits for no more than it needs."""
    if _first.acquire(blocking=False):
        # Not a daemon: an interpreter that ends while a library is half loaded would crash.
        threading.Thread(target=_load, name="warm").start()


def _load() -> None:
    """One answer on a tiny picture touches all that an answer needs; nothing of it is kept."""
    import io

    from PIL import Image

    try:
        from cgid.charts import feature_strip  # noqa: F401
        from cgid.forensics.check import check
        from cgid.records.keep import keep  # noqa: F401
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
        logging.getLogger(__name__).warning("nothing was loaded ahead: %r", problem)
