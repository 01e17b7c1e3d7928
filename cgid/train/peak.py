"""The most memory that this process has held: of the graphics card where it computes there, else of the machine."""

from __future__ import annotations

import sys

import torch


def bytes_held(device: torch.device) -> int:
    """CUDA: what torch has reserved at most; else the largest resident set of the process since its start."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_reserved(device))
    if sys.platform == "win32":
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(most if sys.platform == "darwin" else most * 1024)
