"""What every result has in common: a frame, a figure, a dictionary, and a table in a notebook."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cgid.errors import InputError
from cgid.escape import plain
from cgid.extras import missing_extra

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

ROWS_SHOWN = 12
MAX_CHARS = 400  # characters of a cell or sentence in a notebook


class Result:
    """Base of `CheckResult`, `AuditReport`, `AblationReport`, `Metrics` and `Run`."""

    def frame(self) -> pd.DataFrame:
        """The result as a table; its columns are said by each class."""
        raise NotImplementedError

    def to_dict(self) -> dict[str, Any]:
        """The result as plain values, ready for JSON; NaN is None."""
        raise NotImplementedError

    def headline(self) -> str:
        """The result in one sentence."""
        raise NotImplementedError

    def _figure(self) -> alt.TopLevelMixin:
        raise NotImplementedError

    def plot(self) -> alt.TopLevelMixin:
        """The result as an Altair chart, as the dashboard draws it.

        Raises InputError where the extra `app` is not installed, and where there is nothing to draw.
        """
        return rendered(self._figure)

    def _repr_html_(self) -> str:
        """For notebooks. Text may come from an untrusted file: all of it is escaped, and control characters go."""
        table = self.frame()
        shown = table.head(ROWS_SHOWN).map(lambda cell: plain(cell, MAX_CHARS) if isinstance(cell, str) else cell)
        shown.columns = [plain(name, MAX_CHARS) for name in shown.columns]
        rest = len(table) - len(shown)
        body = shown.to_html(index=False, escape=True, border=0, na_rep="", float_format="{:.4g}".format)
        more = f"<p>{rest} more rows in <code>frame()</code></p>" if rest > 0 else ""
        return f"<div><p><strong>{html.escape(plain(self.headline(), MAX_CHARS))}</strong></p>{body}{more}</div>"


def rendered(figure: Callable[[], alt.TopLevelMixin]) -> alt.TopLevelMixin:
    """What `figure` draws. Raises InputError where a library for it is not installed."""
    try:
        return figure()
    except ImportError as error:
        raise (missing_extra(error) or error) from None


def nothing_to_draw(why: str) -> InputError:
    return InputError(f"There is nothing to draw: {why}.")
