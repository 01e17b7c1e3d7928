"""Device of a training (CPU or CUDA), repeatable arithmetic on it, out-of-memory errors and peak memory."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

import torch

from cgid.errors import InputError
from cgid.settings import settings
from cgid.train.memory import out_of_memory


def pick(name: str) -> torch.device:
    """`auto` (CUDA where there is one), `cpu`, `cuda`, `cuda:N`. Raises InputError where it is not there."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        raise InputError(f"--device {name!r} is not one of auto, cpu, cuda, cuda:N.") from None
    if device.type not in ("cpu", "cuda"):
        raise InputError(f"--device {name!r} is not one of auto, cpu, cuda, cuda:N.")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise InputError(f"--device {name} is not there ({torch.cuda.device_count()} CUDA devices); use --device auto.")
    return device


def repeatable() -> None:
    """Same seed, same machine, same result: as many threads as this process was given, fixed choice of kernels."""
    torch.set_num_threads(settings().workers)
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True


def describe(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else f"cpu, {torch.get_num_threads()} threads"


def precision(device: torch.device) -> torch.dtype | None:
    """Half precision of the forward pass on CUDA; None on the processor, where float32 is the surer choice."""
    if device.type != "cuda":
        return None
    return torch.bfloat16 if torch.cuda.get_device_capability(device)[0] >= 8 else torch.float16


@contextlib.contextmanager
def report_out_of_memory(batch_size: int, image_size: int) -> Iterator[None]:
    """Says in words that memory was too small, of the graphics card or of the machine, and what would need less."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if (whose := memory_owner(error)) is None:
            raise
        torch.cuda.empty_cache()
        raise out_of_memory(whose, batch_size, image_size) from error


def memory_owner(error: BaseException) -> str | None:
    """Owner of the memory that ran out, for a sentence; None for another error.

    torch has an error class for its own allocator only; drivers, libraries and the CPU allocator raise other errors.
    """
    message = str(error)
    if (
        isinstance(error, torch.OutOfMemoryError)
        or "CUDA error: out of memory" in message
        or "_ALLOC_FAILED" in message
    ):
        return "The graphics card's"
    if isinstance(error, MemoryError) or "DefaultCPUAllocator" in message:
        return "The"
    return None


def peak_memory(device: torch.device) -> int:
    """CUDA: what torch has reserved at most; else the largest resident set of the process since its start."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_reserved(device))
    if sys.platform == "win32":
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)
