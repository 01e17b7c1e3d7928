"""The Model B page: rules only, Model A only and A + B on the same images, in a picture, in sentences, in a table."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cgid import formatting
from cgid.charts import intervals
from cgid.charts.intervals import ranked
from cgid.runs.run import Run
from cgid.schema import external_split, split_label
from cgid.ui.shared import parts

ARMS = {"rules_only": "Rules only", "a_only": "Model A only", "a_and_b": "Model A + B"}
LESS = {"rules_only": "rules only", "a_only": "Model A only"}
SURE = 0.05


def three_way(run: Run, variant: str) -> None:
    """Which of the three is best on the chosen images, and by how much."""
    block = (run.manifest.get("metrics") or {}).get("comparison") or {}
    places = {"test": block, **{external_split(b.get("name")): b for b in block.get("external") or []}}
    places = {name: b for name, b in places.items() if _arms(b, variant)}
    st.subheader("Is it worth it? Rules, Model A and both together", anchor=False)
    if not places:
        st.caption("The table held neither a rule score nor Model A's probability for all its test images.")
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
        st.caption("This run was trained before all pairs were tested: train Model B again to see them.")
    parts.download("Comparison (CSV)", run.folder / "comparison.csv", "text/csv", "comparison")


def sentence(pair: dict[str, Any]) -> str:
    """What the three tests say of one pair, for people."""
    first, second = ARMS[pair["first"]], ARMS[pair["second"]]
    delong, changed = pair["delong"], pair["mcnemar"]
    if delong.get("difference") is None or delong.get("low") is None:
        return f"**{first}** against **{second}**: too few images of a class to tell."
    p = (pair.get("holm") or {}).get("delong")
    sure = p is not None and p < SURE
    gain = delong["difference"]
    said = ("better" if gain > 0 else "worse") if sure else "no difference beyond chance"
    odds = "" if p is None else f", p {_p(p)} (DeLong, corrected by Holm)"
    return (
        f"**{first}** against **{second}**: {said}. AUC {gain:+.3f} ({delong['low']:+.3f} to {delong['high']:+.3f}){odds}. "
        f"Only the first is right on {changed['only_a_right']} images, only the second on {changed['only_b_right']} "
        f"(McNemar p {_p((pair.get('holm') or {}).get('mcnemar'))})."
    )


def _arms(block: dict[str, Any], variant: str) -> dict[str, dict[str, Any]]:
    """{arm: figures} of a set of images; the fused one is the variant's."""
    found = {arm: block.get(f"a_and_b_{variant}" if arm == "a_and_b" else arm) for arm in ARMS}
    found = {arm: figures for arm, figures in found.items() if isinstance(figures, dict)}
    return found if len(found) > 1 else {}


def _levels(block: dict[str, Any], variant: str) -> None:
    import pandas as pd

    rows = [
        {"plan": ARMS[arm], "mean": f["auc"]["value"], "low": f["auc"]["low"], "high": f["auc"]["high"]}
        for arm, f in _arms(block, variant).items() if (f.get("auc") or {}).get("value") is not None
    ]  # fmt: skip
    if rows:
        st.altair_chart(
            intervals.levels(pd.DataFrame(rows), "AUC"), width="stretch",
            alt="Dot plot: AUC of rules only, Model A only and A + B on the same images, with 95 % intervals.",
        )  # fmt: skip
        st.caption(f"{block.get('n')} images that all of them can judge.")


def _gains(pairs: list[dict[str, Any]]) -> None:
    import pandas as pd

    rows = [
        {"name": f"{ARMS[p['first']]} less {LESS[p['second']]}", "value": p["delong"]["difference"],
         "low": p["delong"]["low"], "high": p["delong"]["high"]}
        for p in pairs if p["delong"].get("difference") is not None
    ]  # fmt: skip
    if rows:
        st.altair_chart(
            ranked(pd.DataFrame(rows), "difference of AUC (95 % interval)"), width="stretch",
            alt="Dot plot: differences of AUC between the three, with 95 % intervals.",
        )  # fmt: skip
        st.caption("An interval that crosses the dashed line is compatible with no difference at all.")


def _table(pairs: list[dict[str, Any]]) -> None:
    rows = [
        {
            "first": ARMS[p["first"]],
            "second": ARMS[p["second"]],
            "AUC (DeLong)": formatting.difference(p["delong"]),
            "AUC (bootstrap)": formatting.difference(p["bootstrap"]["auc"]),
            "p of AUC (Holm)": _p(p["holm"]["delong"]),
            "accuracy": formatting.difference(p["bootstrap"]["accuracy"]),
            "p of accuracy (McNemar, Holm)": _p(p["holm"]["mcnemar"]),
            "photos left alone": formatting.difference(p["bootstrap"]["specificity"]),
            "AI images caught": formatting.difference(p["bootstrap"]["recall"]),
            "images": p["n"],
            "independent sources": p["groups"],
        }
        for p in pairs
    ]
    st.dataframe(rows, hide_index=True, alt="Differences between rules, Model A and A + B by three tests")
    st.caption(
        "Differences, first less second, at each one's own frozen threshold, with 95 % intervals over independent sources. "
        "McNemar's test takes every image for independent: where sources hold several images, believe the interval of "
        "accuracy first."
    )


def _p(value: float | None) -> str:
    if value is None:
        return "n/a"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
