"""Outliers, in one feature or in the combination of all features, with the image and the reason."""

from __future__ import annotations

import numpy as np
import streamlit as st

from cgid.charts import distributions
from cgid.evaluate.distributions import bounds
from cgid.evaluate.robust import OUTLIER_THRESHOLD, MultivariateOutliers, multivariate_outliers, robust_z
from cgid.ui.explorer import table as read
from cgid.ui.explorer.table import CLASSES, Filters, Key, Selection
from cgid.ui.explorer.view import choose_feature, meaning, pictures
from cgid.ui.shared import text

SHOWN = 60
REASONS = 2


def show(selection: Selection) -> None:
    kind = st.segmented_control("Unusual in", ("All features together", "One feature"), default="All features together", required=True, key="unusual", bind="query-params")  # fmt: skip
    if kind == "One feature":
        _one(selection)
    else:
        _all(selection)


def _one(selection: Selection) -> None:
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        name = choose_feature(selection)
    with right:
        own = st.toggle("Compare each image with its own class", True, key="own-class")
    values, label = selection.values(name), selection.label
    z = robust_z(values, label if own else None)
    low, high = bounds(values)
    if np.isnan(low):
        st.info("None of these images has a value for this feature.", icon=":material/do_not_disturb_on:")
        return
    st.altair_chart(
        distributions.histograms(_by_class(values, label), name, low, high), width="stretch",
        alt=f"Histogram of {name}, class by class.",
    )  # fmt: skip
    size = np.nan_to_num(np.abs(z), nan=-1.0)
    order = np.argsort(-size, kind="stable")[:SHOWN]
    order = order[size[order] > OUTLIER_THRESHOLD]
    beyond = size > OUTLIER_THRESHOLD
    if not len(order):
        st.success(f"No image lies beyond a robust z of {OUTLIER_THRESHOLD}.", icon=":material/check_circle:")
    else:
        description = ", ".join(
            f"{int(beyond[label == c].sum()):,} of {int(np.sum(label == c)):,} ({name_})" for c, name_ in enumerate(CLASSES) if (label == c).any()
        )  # fmt: skip
        st.markdown(
            f"**Beyond a robust z of {OUTLIER_THRESHOLD}: {int(beyond.sum()):,}**: {description}. Most extreme first:"
        )
        pictures(selection, selection.rows[order], [f"{values[i]:.4g}, z {z[i]:+.1f}" for i in order], "outliers-one")
    st.caption(
        f"{meaning(name)} Robust z: distance from the median{' of its own class' if own else ''} in units of 1.4826 times the "
        "median absolute deviation. A feature with heavy tails naturally has many such images."
    )


@st.cache_resource(max_entries=4, ttl=3600, show_spinner=False)
def _together(key: Key, filters: Filters, places: tuple[int, ...]) -> MultivariateOutliers:
    return multivariate_outliers(read.scan(key, filters).matrix[:, list(places)])


def _all(selection: Selection) -> None:
    scan = selection.scan()
    if len(scan.rows) < 3:
        st.info("Too few images to detect outliers.", icon=":material/do_not_disturb_on:")
        return
    result = _together(selection.key, selection.filters, tuple(selection.places()))
    label = selection.about.label[scan.rows]
    low, high = bounds(result.distance)
    st.altair_chart(
        distributions.histograms(_by_class(result.distance, label), "Mahalanobis distance of the ranked features", low, max(high, float(result.distance.max()))),
        width="stretch", alt="Histogram of the images' Mahalanobis distances, class by class.",
    )  # fmt: skip
    order = np.argsort(-result.distance, kind="stable")[:SHOWN]
    st.markdown("**Most unusual images first**, each with the features that contribute most:")
    pictures(selection, scan.rows[order], [_why(selection, result, i) for i in order], "outliers-all", 168, 10)
    sampled = f"a sample of {len(scan.rows):,} of the {len(selection.rows):,} images" if len(scan.rows) < len(selection.rows) else f"all {len(scan.rows):,} images"  # fmt: skip
    st.caption(
        f"Mahalanobis distance over {len(selection.features)} rank-transformed features, on {sampled}. The text below an "
        "image gives the rank of its values. Unusual does not mean wrong: damaged and mislabelled images appear here, but "
        "so do rare valid ones."
    )


def _by_class(values: np.ndarray, label: np.ndarray) -> dict[str, tuple[str, np.ndarray]]:
    return {name: (name, values[label == c]) for c, name in enumerate(CLASSES) if (label == c).any()}


def _why(selection: Selection, result: MultivariateOutliers, row: int) -> str:
    """The features that contribute most to the distance, with the rank of their values."""
    strongest = np.argsort(-result.part[row], kind="stable")[:REASONS]
    reasons = [f"{selection.features[i]}: {_place(result.rank[row, i])}" for i in strongest if result.part[row, i] > 0]
    return "\n".join(reasons) or "nothing in particular"


def _place(rank: float) -> str:
    """`top 1 %`, `lowest 3 %`: the rank of a value."""
    return f"top {text.percent(max(1 - rank, 0.01))}" if rank >= 0.5 else f"lowest {text.percent(max(rank, 0.01))}"
