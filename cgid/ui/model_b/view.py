"""The Model B page: metrics with and without file format, and feature importance, by feature and by cluster."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cgid.charts.intervals import ranked, ranked_by_direction
from cgid.runs.run import Run
from cgid.ui import shell
from cgid.ui.shared import load as files
from cgid.ui.shared import parts, text
from cgid.ui.shared.parts import name_of

VARIANTS = {
    "content_only": "Without file format and metadata",
    "all": "With all features, including file format and metadata",
}
MAX_FEATURES = 20
KINDS = {
    "linear": "linear fusion",
    "logistic": "logistic regression",
    "forest": "random forest",
    "boosting": "gradient boosting",
}


def variants(run: Run) -> dict[str, dict[str, Any]]:
    """{variant: its metrics}, the primary variant first; {} if a run has none."""
    metrics = run.manifest.get("metrics") or {}
    blocks = {k: v for k, v in (metrics.get("variants") or {}).items() if k in VARIANTS and isinstance(v, dict)}
    return dict(sorted(blocks.items(), key=lambda item: item[0] != metrics.get("headline")))


def variant_metrics(run: Run) -> None:
    """The metrics of both variants side by side: first those without file format and metadata."""
    both = variants(run)
    if not both:
        return
    for column, (name, block) in zip(st.columns(len(both)), both.items()):
        own = block.get("test") or {}
        with column.container(border=True):
            mark = " (primary variant, used to check single images)" if name == next(iter(both)) else ""
            st.markdown(f"**{VARIANTS[name]}**{mark}")
            st.markdown(
                f"AUC {text.decimal(own.get('auc'))}; false positive rate (real photos called AI) "
                f"{text.share(own.get('false_positive_rate'))}; false negative rate (AI images called real) "
                f"{text.share(own.get('false_negative_rate'))}"
            )
            st.caption(
                f"{own.get('n', 0)} test images from {own.get('groups', '?')} independent sources, 95 % intervals."
            )
            for other in block.get("external") or []:
                st.caption(
                    f"On {text.literal(other.get('name', ''))}: AUC {text.decimal(other.get('auc'))}, {other.get('n')} images."
                )
            _cross_validation(run, name)


def variant_summary(run: Run) -> None:
    """One line for other pages: the AUC with and without file format and metadata; nothing for Model A."""
    both = variants(run) if run.kind == "model_b" else {}
    if not both:
        return
    sentences = [
        f"{VARIANTS[name]}: test AUC {text.decimal((block.get('test') or {}).get('auc'))}"
        for name, block in both.items()
    ]
    st.caption(". ".join(sentences) + ". The first is the primary variant, used to check single images.")
    shell.link("model_b", "Which features it relies on, and whether it beats Model A", **{"run-model_b": run.id})


def _cross_validation(run: Run, variant: str) -> None:
    """The out-of-fold AUC, if the run was cross-validated."""
    block = ((run.manifest.get("metrics") or {}).get("cross_validation") or {}).get(variant)
    if not isinstance(block, dict):
        return
    areas = [a for a in block.get("auc_by_fold") or [] if a is not None]
    between = f"; single folds from {min(areas):.2f} to {max(areas):.2f}" if areas else ""
    st.caption(
        f"Cross-validated in {block.get('folds')} folds, grouped by source: AUC {text.decimal(block.get('auc'))} "
        f"on {block.get('n')} training and validation images{between}."
    )


def importance(run: Run, variant: str) -> None:
    """Coefficients with their intervals as a ranking; for trees the permutation importance of each feature."""
    import pandas as pd

    mark = _mark(run, variant)
    path = next((p for n in ("coefficients", "importances") if (p := run.folder / f"{n}{mark}.csv").is_file()), None)
    if path is None:
        return
    rows = files.table(path)
    linear = path.name.startswith("coefficients")
    column = "coefficient" if linear else "importance"
    if column not in rows or rows.empty:
        return
    st.subheader("Most important features", anchor=False)
    top = rows.reindex(rows[column].abs().sort_values(ascending=False, kind="stable").index).head(MAX_FEATURES)
    data = pd.DataFrame({"name": top["feature"].map(name_of), "value": top[column], "family": top["family"]})
    data = data.assign(**{k: top.get(k) for k in ("low", "high")}).drop_duplicates("name")
    if linear:
        st.altair_chart(
            ranked_by_direction(data, "coefficient per standard deviation: real ← → AI"), width="stretch",
            alt="Dot plot: the largest coefficients of Model B with 95 % intervals; right of zero points to AI.",
        )  # fmt: skip
        sure = int(((top["low"] > 0) | (top["high"] < 0)).sum()) if "low" in top else 0
        st.caption(
            f"Of the {len(top)} largest of {len(rows)} coefficients, {sure} have a 95 % interval that excludes zero (Wald, "
            "from the curvature or by independent source, whichever is wider). A feature that is highly correlated with "
            "another shares its coefficient with it: see the clusters."
        )
    else:
        st.altair_chart(
            ranked(data, "AUC lost when the feature is shuffled", ("family",)), width="stretch",
            alt="Dot plot: AUC lost when each feature alone is shuffled, with the range over shuffles.",
        )  # fmt: skip
        st.caption(
            "On the validation images; whiskers: minimum and maximum over five shuffles. A feature that is highly "
            "correlated with another looks unimportant here: see the clusters."
        )
    parts.download("All features (CSV)", path, "text/csv", "weights")


def clusters(run: Run, variant: str) -> None:
    """Permutation importance of clusters, with all features of a cluster shuffled together."""
    import pandas as pd

    st.subheader("Most important clusters of correlated features", anchor=False)
    path = run.folder / f"importance_clusters{_mark(run, variant)}.csv"
    if not path.is_file():
        st.caption("This run is from a version without clusters. Train Model B again to see them.")
        return
    rows = files.table(path)
    if rows.empty:
        return
    top = rows.head(MAX_FEATURES)
    names = [_with_cluster_size(name_of(c), n) for c, n in zip(top["representative"], top["size"])]
    data = pd.DataFrame({"name": names, "value": top["importance"], "low": top["low"], "high": top["high"]})
    data = data.assign(families=top["families"], features=top["features"]).drop_duplicates("name")
    st.altair_chart(
        ranked(data, "AUC lost when the cluster is shuffled", ("families", "features")), width="stretch",
        alt="Dot plot: AUC lost when each cluster of correlated features is shuffled, with 95 % intervals.",
    )  # fmt: skip
    needed = int((rows["low"] > 0).sum())
    st.caption(
        f"{len(rows)} clusters (mean Spearman correlation of at least 0.7); {needed} of them have a loss significantly above "
        "zero. On test images, with whole sources shuffled together; 95 % intervals over sources and shuffles."
    )
    parts.download("All clusters (CSV)", path, "text/csv", "clusters")


def _with_cluster_size(name: str, size: int) -> str:
    """`Noise level + 3 correlated (Noise residual)`: the count is where a truncated label still shows it."""
    title, bracket, rest = name.partition(" (")
    return f"{title} + {size - 1} correlated{bracket}{rest}" if size > 1 else name


def _mark(run: Run, variant: str) -> str:
    return "" if variant == next(iter(variants(run)), variant) else f"_{variant}"
