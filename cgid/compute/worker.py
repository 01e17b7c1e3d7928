"""What every worker process does first: one thread per numeric library, and no life after its parent's."""

from __future__ import annotations

import os
import threading
import time
from functools import cache

ONE_THREAD = {
    name: "1"
    for name in (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
        "NUMEXPR_NUM_THREADS",
        "OPENCV_FOR_THREADS_NUM",
    )
}


@cache
def pin_threads() -> None:
    """Hold numeric libraries to one thread each: as many workers as processors, and each result the same anywhere."""
    os.environ.update(ONE_THREAD)
    import cv2
    from threadpoolctl import threadpool_limits

    cv2.setNumThreads(1)
    threadpool_limits(1)


def begin(parent: int) -> None:
    """Initializer of a local worker. parent: process id of the one that started it."""
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    pin_threads()


def _end_with(parent: int) -> None:
    """A killed parent closes nothing, so the child looks up at it once a second."""
    import psutil

    while psutil.pid_exists(parent) and (os.name == "nt" or os.getppid() == parent):
        time.sleep(1)
    os._exit(1)
