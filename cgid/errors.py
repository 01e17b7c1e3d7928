"""What a person did that cgid cannot work with, in one sentence they can act on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class InputError(ValueError):
    """Bad input. The message is one clear sentence: file, place, remedy. Shown as it is; the command line exits 2.

    code: short machine-readable name of the problem, such as `out_of_memory`; "" where no program needs one.
    suggestion: {parameter: value} that would work, or None. Both are stored with a job that fails for it.
    """

    def __init__(self, message: str = "", *, code: str = "", suggestion: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.suggestion = None if suggestion is None else dict(suggestion)
