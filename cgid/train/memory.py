"""What is said when a training step does not fit in memory, what is read out of it again, and what would fit."""

from __future__ import annotations

import re
from collections.abc import Callable


def too_small(whose: str, batch_size: int, image_size: int) -> str:
    """One sentence with a remedy. whose: `The graphics card's`, or `The` for the machine's own memory."""
    less = f"--batch-size (try {batch_size // 2}) or --image-size" if batch_size > 1 else "--image-size"
    plural = "s" * (batch_size > 1)
    return (
        f"{whose} memory is too small for {batch_size} image{plural} of {image_size} px in one step; "
        f"use a smaller {less}."
    )


def smaller_batch(sentence: str) -> int | None:
    """The batch size that such a sentence says to try; None in any other sentence."""
    found = re.search(r"memory is too small for \d+ images .*--batch-size \(try (\d+)\)", sentence)
    return int(found[1]) if found else None


def largest_that_fits(batch_size: int, fits: Callable[[int], bool]) -> int:
    """batch_size, or its half, quarter, … : the first for which fits(size); 0 where not even one image does."""
    while batch_size and not fits(batch_size):
        batch_size //= 2
    return batch_size
