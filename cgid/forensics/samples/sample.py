"""What a sample is: a picture made here to show one statement that the check can make, and how to make it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sample:
    """name: its file's stem, in the address too. title: two or three words. shows: one sentence, what to look for.

    suffix: of the file, with its dot. make: the file's bytes; None where it cannot be had on this machine now.
    kept: may be kept among the artifacts (not where it lies in a data set already). version: raise where `make`
    changes. order: place in the gallery. filters: of the inspection bench, those that show it best.
    """

    name: str
    title: str
    shows: str
    suffix: str
    make: Callable[[], bytes | None]
    order: int
    kept: bool = True
    version: int = 1
    filters: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """As the picture is called on the page: it says that it is a sample."""
        return f"sample_{self.name}{self.suffix}"
