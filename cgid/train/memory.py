"""The out-of-memory error of a training step, with a batch size that may fit."""

from __future__ import annotations

from collections.abc import Callable

from cgid.errors import InputError

OUT_OF_MEMORY = "out_of_memory"  # code of the error


def out_of_memory(owner: str, batch_size: int, image_size: int) -> InputError:
    """The error with code `out_of_memory`; it suggests half the `batch_size` where there is a half.

    whose: `The graphics card's`, or `The` for the machine's own memory.
    """
    options = f"--batch-size (try {batch_size // 2}) or --image-size" if batch_size > 1 else "--image-size"
    plural = "s" * (batch_size > 1)
    return InputError(
        f"{owner} memory is too small for {batch_size} image{plural} of {image_size} px in one step; "
        f"use a smaller {options}.",
        code=OUT_OF_MEMORY,
        suggestion={"batch_size": batch_size // 2} if batch_size > 1 else None,
    )


def largest_that_fits(batch_size: int, fits: Callable[[int], bool]) -> int:
    """batch_size, or its half, quarter, … : the first for which fits(size); 0 where not even one image does."""
    while batch_size and not fits(batch_size):
        batch_size //= 2
    return batch_size
