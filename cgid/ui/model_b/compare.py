"""The Model B page: rules only, Model A only and A + B on the same images, as a chart, in sentences and as a table."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cgid import formatting
from cgid.charts import intervals
from cgid.charts.intervals import ranked
from cgid.runs.run import Run
from cgid.schema import external_split, split_label
from cgid.ui.shared import parts

DETECTORS = {"rules_only": "Rules only", "a_only": "Model A only", "a_and_b": "Model A + B"}
LESS = {"rules_only": "rules only", "a_only": "Model A only"}
SIGNIFICANCE = 0.05


def three_way(run: Run, variant: str) -> None:
    """Which of the three is best on the chosen images, and by how much."""
    block = (run.manifest.get("metrics") or {}).get("comparison") or {}
    places = {"test": block, **{external_split(b.get("name")): b for b in block.get("external") or []}}
    places = {name: b for name, b in places.items() if _detectors(b, variant)}
    st.subheader("Does fusion help? Rules, Model A and both together", anchor=False)
    if not places:
        st.caption("The feature table has neither a rule score nor Model A's probability for all test images.")
        return
    place = st.segmented_control(
        "Images", list(places), default=next(iter(places)), required=True, format_func=split_label, key="b-place"
    )
    pairs = [p for p in block.get("pairs") or [] if (p.get("images"), p.get("variant")) == (place, variant)]
    left, right = st.columns(2)
    with left:
        _levels(places[place], variant)
    with right:
        _gains(pairs)
    for pair in pairs:
        st.markdown(f"- {sentence(pair)}")
    if pairs:
        _table(pairs)
    else:
        st.caption("This run is from a version that did not test all pairs. Train Model B again to see them.")
    parts.download("Comparison (CSV)", run.folder / "comparison.csv", "text/csv", "comparison")


def sentence(pair: dict[str, Any]) -> str:
    """The result of the three tests for one pair, as Markdown."""
    first, second = DETECTORS[pair["first"]], DETECTORS[pair["second"]]
    delong, changed = pair["delong"], pair["mcnemar"]
    if delong.get("difference") is None or delong.get("low") is None:
        return f"**{first}** against **{second}**: too few images of one class for a test."
    p = (pair.get("holm") or {}).get("delong")
    significant = p is not None and p < SIGNIFICANCE
    gain = delong["difference"]
    outcome = ("better" if gain > 0 else "worse") if significant else "no significant difference"
    odds = "" if p is None else f", p {_p(p)} (DeLong, Holm-corrected)"
    return (
        f"**{first}** against **{second}**: {outcome}. AUC {gain:+.3f} ({delong['low']:+.3f} to {delong['high']:+.3f}){odds}. "
        f"Only the first is right on {changed['only_a_right']} images, only the second on {changed['only_b_right']} "
        f"(McNemar p {_p((pair.get('holm') or {}).get('mcnemar'))})."
    )


def _detectors(block: dict[str, Any], variant: str) -> dict[str, dict[str, Any]]:
    """{arm: figures} of a set of images; the fused one is the variant's."""
    blocks = {arm: block.get(f"a_and_b_{variant}" if arm == "a_and_b" else arm) for arm in DETECTORS}
    metrics = {arm: figures for arm, figures in blocks.items() if isinstance(figures, dict)}
    return metrics if len(metrics) > 1 else {}


def _levels(block: dict[str, Any], variant: str) -> None:
    import pandas as pd

    rows = [
        {"plan": DETECTORS[arm], "mean": f["auc"]["value"], "low": f["auc"]["low"], "high": f["auc"]["high"]}
        for arm, f in _detectors(block, variant).items() if (f.get("auc") or {}).get("value") is not None
    ]  # fmt: skip
    if rows:
        st.altair_chart(
            intervals.levels(pd.DataFrame(rows), "AUC"), width="stretch",
            alt="Dot plot: AUC of rules only, Model A only and A + B on the same images, with 95 % intervals.",
        )  # fmt: skip
        st.caption(f"{block.get('n')} images with a score from all of them.")


def _gains(pairs: list[dict[str, Any]]) -> None:
    import pandas as pd

    rows = [
        {"name": f"{DETECTORS[p['first']]} minus {LESS[p['second']]}", "value": p["delong"]["difference"],
         "low": p["delong"]["low"], "high": p["delong"]["high"]}
        for p in pairs if p["delong"].get("difference") is not None
    ]  # fmt: skip
    if rows:
        st.altair_chart(
            ranked(pd.DataFrame(rows), "difference of AUC (95 % interval)"), width="stretch",
            alt="Dot plot: differences of AUC between the three, with 95 % intervals.",
        )  # fmt: skip
        st.caption("An interval that crosses the dashed line is compatible with no difference.")


def _table(pairs: list[dict[str, Any]]) -> None:
    rows = [
        {
            "first": DETECTORS[p["first"]],
            "second": DETECTORS[p["second"]],
            "AUC (DeLong)": formatting.difference(p["delong"]),
            "AUC (bootstrap)": formatting.difference(p["bootstrap"]["auc"]),
            "p of AUC (Holm)": _p(p["holm"]["delong"]),
            "accuracy": formatting.difference(p["bootstrap"]["accuracy"]),
            "p of accuracy (McNemar, Holm)": _p(p["holm"]["mcnemar"]),
            "specificity": formatting.difference(p["bootstrap"]["specificity"]),
            "recall": formatting.difference(p["bootstrap"]["recall"]),
            "images": p["n"],
            "independent sources": p["groups"],
        }
        for p in pairs
    ]
    st.dataframe(rows, hide_index=True, alt="Differences between rules, Model A and A + B by three tests")
    st.caption(
        "Differences (first minus second) at each one's own fixed threshold, with 95 % intervals over independent sources. "
        "McNemar's test treats every image as independent: where sources contain several images, prefer the interval of "
        "the accuracy."
    )


def _p(value: float | None) -> str:
    if value is None:
        return "n/a"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
