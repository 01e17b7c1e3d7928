"""`InputError`: invalid input, reported in one sentence that tells the user what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class InputError(ValueError):
    """Invalid input. The message is one clear sentence: file, location, suggestion. Shown as is; the command exits with
    2.

    code: short machine-readable name of the problem, such as `out_of_memory`; "" where none is needed.
    suggestion: {parameter: value} that would work, or None. Both are stored with a job that fails with it.
    """

    def __init__(self, message: str = "", *, code: str = "", suggestion: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.suggestion = None if suggestion is None else dict(suggestion)
