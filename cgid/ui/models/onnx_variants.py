"""The part of the Models page that shows the smaller variants of a run's ONNX file, and creates them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cgid import formatting
from cgid.models.onnx_model import VARIANTS, scores_only, variant_file
from cgid.runs.run import Run
from cgid.ui.shared import jobs, parts, text

TITLES = {"float32": "float32 (used here)", "fp16": "fp16, half precision", "int8": "int8, 8 bits"}


def variants(run: Run) -> None:
    """Folded: size and speed as a chart, agreement and metrics as a table, downloads, the button."""
    with st.expander("Smaller variants for small devices (ONNX: fp16, int8)", icon=":material/compress:"):
        if problem := scores_only(run.folder, run.manifest):
            st.caption(text.literal(problem))
            return
        recorded = run.manifest.get("onnx_variants")
        recorded = recorded if isinstance(recorded, dict) else {}
        blocks = {name: recorded[name] for name in VARIANTS if isinstance(recorded.get(name), dict)}
        accepted = {name: block for name, block in blocks.items() if block.get("kept") and _present(run, name)}
        if accepted:
            _chart(run, accepted)
            st.dataframe([_row(name, block) for name, block in accepted.items()], hide_index=True, alt="Smaller variants compared with float32")  # fmt: skip
            st.caption(
                "Compared with float32 on the run's own test images; the speed is that of the machine that created them."
            )
            with st.container(horizontal=True):
                for name in accepted:
                    parts.download(f"ONNX, {name}", run.folder / variant_file(name), "application/octet-stream", f"onnx-{name}")  # fmt: skip
        for name, block in blocks.items():
            if reason := block.get("last_refusal") or (not block.get("kept") and block.get("reason")):
                st.info(text.literal(reason), icon=":material/block:")
            elif name not in accepted:
                st.caption(f"{name}: its file is missing, or model.onnx has changed; create it again.")
        if not blocks:
            st.caption(
                "None yet. fp16 is half the size; int8 is about a quarter and usually faster on CPUs. "
                "A variant is kept only if it agrees with the full model on the test images."
            )
        if st.button("Create smaller variants" if not blocks else "Create them again", icon=":material/compress:", key="variants"):  # fmt: skip
            from cgid.train.params import ExportOnnxParams

            jobs.submit("export-onnx", ExportOnnxParams(run.folder, ",".join(VARIANTS)))


def _present(run: Run, name: str) -> bool:
    """Whether a variant exists and belongs to the current model.onnx; its sha256 is verified where it is used."""
    block = run.manifest["onnx_variants"][name]
    source = (run.manifest.get("onnx") or {}).get("sha256")
    return block.get("made_from") == source and (run.folder / variant_file(name)).is_file()


def _chart(run: Run, accepted: dict[str, dict[str, Any]]) -> None:
    import altair as alt
    import pandas as pd

    full = run.onnx_path
    rows = [{"file": TITLES["float32"], "MB": full.stat().st_size / 1e6, "speed": 1.0}] if full.is_file() else []
    for name, block in accepted.items():
        pace = (block.get("speed") or {}).get("ratio") or {}
        rows.append({"file": TITLES[name], "MB": block["bytes"] / 1e6, "speed": pace.get("32")})
    panels = (("MB", "size, MB"), ("speed", "speed in batches of 32, float32 = 1"))
    for column, (field, title) in zip(st.columns(2), panels):
        bars = alt.Chart(pd.DataFrame(rows)).mark_bar().encode(
            x=alt.X(f"{field}:Q", title=title),
            y=alt.Y("file:N", sort=None, title=None, axis=alt.Axis(labelLimit=220)),
            tooltip=["file", alt.Tooltip(field, format=".2f")],
        ).properties(height=30 * len(rows) + 50)  # fmt: skip
        column.altair_chart(bars, width="stretch", alt=f"Bars: {title} of each variant compared with float32.")


def _row(name: str, block: dict[str, Any]) -> dict[str, Any]:
    parity, held, speed = (block.get(key) or {} for key in ("parity", "accuracy", "speed"))
    pace, ratio = (speed.get("images_per_second") or {}).get("variant") or {}, speed.get("ratio") or {}
    return {
        "variant": TITLES[name],
        "size": f"{block['bytes'] / 1e6:.1f} MB",
        "same label": text.percent(1 - parity.get("other_labels", float("nan")), 1),
        "largest change in probability": f"{100 * parity.get('largest_difference', float('nan')):.2f} points",
        "AUC, change (95 % interval)": formatting.difference(held.get("auc")),
        "balanced accuracy, change": formatting.difference(held.get("balanced_accuracy")),
        "test images": held.get("n"),
        "images/s, one at a time": _pace(pace.get("1"), ratio.get("1")),
        "images/s, batches of 32": _pace(pace.get("32"), ratio.get("32")),
    }


def _pace(pace: float | None, ratio: float | None) -> str:
    return "n/a" if pace is None or ratio is None else f"{pace:.0f} ({ratio:.1f} x float32)"
