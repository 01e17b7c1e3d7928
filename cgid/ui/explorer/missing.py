"""Missing values by class: a feature that is available for one class only leaks the label."""

from __future__ import annotations

import streamlit as st

from cgid.charts import bars as chart
from cgid.evaluate.distributions import by_class
from cgid.features.registry import all_groups
from cgid.ui import shell
from cgid.ui.explorer import table as read
from cgid.ui.explorer.table import Selection
from cgid.ui.shared import text

MAX_ROWS = 25
MIN_GAP = 0.05  # of the fraction without a value


def show(selection: Selection) -> None:
    import pandas as pd

    counts = read.class_counts(selection.label)
    scan = selection.scan()
    rows = by_class(selection.features, scan.missing[selection.places()], counts, _owners())
    if not rows:
        st.success("Every image has a value of every feature.", icon=":material/check_circle:")
        return
    if not counts[0] or not counts[1]:
        st.info("Only one class passes the filters, so there is nothing to compare.", icon=":material/filter_alt:")
    worst = rows[0]
    gap = worst["gap"] if worst["gap"] == worst["gap"] else 0.0
    if gap >= MIN_GAP:
        more = "AI images" if worst["ai"] > worst["real"] else "real photos"
        st.warning(
            f"A missing value of {text.code(worst['name'])} separates the classes: it is missing in {text.percent(worst['real'], 1)} "
            f"of the real photos and {text.percent(worst['ai'], 1)} of the AI images. A model can learn `missing` as a sign of {more}.",
            icon=":material/warning:",
        )  # fmt: skip
    else:
        st.success(f"Values are missing about equally often in both classes: the largest gap is {text.percent(gap, 1)}.", icon=":material/check_circle:")  # fmt: skip
    data = pd.DataFrame(rows)
    shown = data.head(MAX_ROWS)
    if counts[0] and counts[1]:
        st.altair_chart(
            chart.dumbbells(shown[["name", "real", "ai", "features"]]), width="stretch",
            alt="Dot plot: percentage of images without a value, real photos and AI images, largest gap first.",
        )  # fmt: skip
    st.caption(
        f"Counted over all {len(selection.rows):,} images. Features of one group that are missing equally often in each "
        f"class share one line.{f' Shown: the {MAX_ROWS} of {len(data)} with the largest gap.' if len(data) > MAX_ROWS else ''}"
    )
    shell.link("leakage", "Leakage: does it leak the label?")
    with st.expander("As a table", icon=":material/table:"):
        st.dataframe(
            data.assign(members=[list(m) for m in data["members"]]).rename(columns={"real": "missing, real", "ai": "missing, AI"}),
            hide_index=True, alt="Percentage of images without a value by feature and class",
            column_config={n: st.column_config.NumberColumn(format="percent") for n in ("missing, real", "missing, AI", "gap")},
        )  # fmt: skip


def _owners() -> dict[str, str]:
    return {column: group.title for group in all_groups().values() for column in group.columns}
