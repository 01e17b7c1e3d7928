"""The Model B page: its figures with and without file format, what weighs in it, one by one and in clusters."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cgid.charts.intervals import ranked, towards
from cgid.runs.run import Run
from cgid.ui import shell
from cgid.ui.shared import load as files
from cgid.ui.shared import parts, text
from cgid.ui.shared.parts import name_of

VARIANTS = {
    "content_only": "Without file format and metadata",
    "all": "With everything, file format and metadata too",
}
SHOWN = 20
KINDS = {
    "linear": "linear fusion",
    "logistic": "logistic regression",
    "forest": "random forest",
    "boosting": "gradient boosting",
}


def variants(run: Run) -> dict[str, dict[str, Any]]:
    """{variant: its figures}, the headline first; {} where a run has none."""
    metrics = run.manifest.get("metrics") or {}
    found = {k: v for k, v in (metrics.get("variants") or {}).items() if k in VARIANTS and isinstance(v, dict)}
    return dict(sorted(found.items(), key=lambda item: item[0] != metrics.get("headline")))


def headlines(run: Run) -> None:
    """Both headline figures side by side: what is left without file format and metadata stands first."""
    both = variants(run)
    if not both:
        return
    for column, (name, block) in zip(st.columns(len(both)), both.items()):
        own = block.get("test") or {}
        with column.container(border=True):
            mark = " (headline: single images are checked with it)" if name == next(iter(both)) else ""
            st.markdown(f"**{VARIANTS[name]}**{mark}")
            st.markdown(
                f"AUC {text.decimal(own.get('auc'))}; real photos wrongly accused (false positive rate) "
                f"{text.share(own.get('false_positive_rate'))}; AI images missed {text.share(own.get('false_negative_rate'))}"
            )
            st.caption(
                f"{own.get('n', 0)} test images of {own.get('groups', '?')} independent sources, 95 % intervals."
            )
            for other in block.get("external") or []:
                st.caption(
                    f"On {text.literal(other.get('name', ''))}: AUC {text.decimal(other.get('auc'))}, {other.get('n')} images."
                )
            _crossed(run, name)


def in_short(run: Run) -> None:
    """One line for other pages: the headline and, beside it, what file format and metadata add; nothing for Model A."""
    both = variants(run) if run.kind == "model_b" else {}
    if not both:
        return
    said = [
        f"{VARIANTS[name]}: test AUC {text.decimal((block.get('test') or {}).get('auc'))}"
        for name, block in both.items()
    ]
    st.caption("; ".join(said) + ". The first is the headline, and what single images are checked with.")
    shell.link("model_b", "What it weighs, and whether it beats Model A", **{"run-model_b": run.id})


def _crossed(run: Run, variant: str) -> None:
    """The out-of-fold figure beside the test figure, where the run was cross-validated."""
    block = ((run.manifest.get("metrics") or {}).get("cross_validation") or {}).get(variant)
    if not isinstance(block, dict):
        return
    areas = [a for a in block.get("auc_by_fold") or [] if a is not None]
    between = f"; single parts from {min(areas):.2f} to {max(areas):.2f}" if areas else ""
    st.caption(
        f"Cross-validated in {block.get('folds')} parts, no source in two of them: AUC {text.decimal(block.get('auc'))} "
        f"on {block.get('n')} training and validation images{between}."
    )


def weights(run: Run, variant: str) -> None:
    """Coefficients with their intervals as a ranking; for trees what is lost when one feature is shuffled."""
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
    st.subheader("What weighs most, feature by feature", anchor=False)
    top = rows.reindex(rows[column].abs().sort_values(ascending=False, kind="stable").index).head(SHOWN)
    drawn = pd.DataFrame({"name": top["feature"].map(name_of), "value": top[column], "family": top["family"]})
    drawn = drawn.assign(**{k: top.get(k) for k in ("low", "high")}).drop_duplicates("name")
    if linear:
        st.altair_chart(
            towards(drawn, "weight per deviation: real ← → AI"), width="stretch",
            alt="Dot plot: the largest weights of Model B with 95 % intervals; right of zero speaks for AI.",
        )  # fmt: skip
        sure = int(((top["low"] > 0) | (top["high"] < 0)).sum()) if "low" in top else 0
        st.caption(
            f"Of the {len(top)} largest of {len(rows)} weights, {sure} have a 95 % interval that leaves zero out (Wald, "
            "by curvature or by independent source, the wider). A feature with a twin shares its weight with it: see the "
            "clusters beside."
        )
    else:
        st.altair_chart(
            ranked(drawn, "AUC lost, feature shuffled alone", ("family",)), width="stretch",
            alt="Dot plot: AUC lost when each feature alone is shuffled, with the range over shuffles.",
        )  # fmt: skip
        st.caption(
            "On the validation images; whiskers: least and most over five shuffles. A feature with a twin looks "
            "unimportant here: see the clusters beside."
        )
    parts.download("Every feature (CSV)", path, "text/csv", "weights")


def clusters(run: Run, variant: str) -> None:
    """What is lost when all features of a cluster are shuffled together."""
    import pandas as pd

    st.subheader("What weighs most, by clusters of like features", anchor=False)
    path = run.folder / f"importance_clusters{_mark(run, variant)}.csv"
    if not path.is_file():
        st.caption("This run was trained before clusters were measured: train Model B again to see them.")
        return
    rows = files.table(path)
    if rows.empty:
        return
    top = rows.head(SHOWN)
    names = [_with_like(name_of(c), n) for c, n in zip(top["representative"], top["size"])]
    drawn = pd.DataFrame({"name": names, "value": top["importance"], "low": top["low"], "high": top["high"]})
    drawn = drawn.assign(families=top["families"], features=top["features"]).drop_duplicates("name")
    st.altair_chart(
        ranked(drawn, "AUC lost, cluster shuffled", ("families", "features")), width="stretch",
        alt="Dot plot: AUC lost when each cluster of correlated features is shuffled, with 95 % intervals.",
    )  # fmt: skip
    needed = int((rows["low"] > 0).sum())
    st.caption(
        f"{len(rows)} clusters (Spearman's correlation of 0.7 or more on average); {needed} of them have a loss above zero "
        "beyond chance. On test images, whole sources shuffled together; 95 % intervals over sources and shuffles."
    )
    parts.download("Every cluster (CSV)", path, "text/csv", "clusters")


def _with_like(name: str, size: int) -> str:
    """`Noise level + 3 alike (Noise residual)`: the count stands where a cut-off label still shows it."""
    title, bracket, rest = name.partition(" (")
    return f"{title} + {size - 1} alike{bracket}{rest}" if size > 1 else name


def _mark(run: Run, variant: str) -> str:
    return "" if variant == next(iter(variants(run)), variant) else f"_{variant}"
