"""Loads what a first answer would wait for (libraries, current models) while the first person still chooses a picture."""

from __future__ import annotations

import gc
import logging
import threading

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
        from cgid.charts import stability, strip, verdict_scale  # noqa: F401
        from cgid.db_analyses import analyses  # noqa: F401
        from cgid.forensics.check import check
        from cgid.forensics.keeping import keep  # noqa: F401
        from cgid.ui.load import data_url

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
