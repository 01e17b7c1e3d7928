"""The file structure, on the page: problems first, then a map of the bytes, the tree, and the bytes of any part."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from cgid.escape import plain
from cgid.fileformat.node import KINDS, Node
from cgid.fileformat.tree import MAX_DUMP_BYTES, Structure, hex_dump
from cgid.ui.check.subject import Subject
from cgid.ui.shared import text

MAX_ROWS = 3000
MAX_PROBLEMS = 6
MIN_GAP_BYTES = 64  # bytes in gaps that are reported
CELL = 300  # characters
MAPS = {"To scale": False, "Small parts enlarged": True}
SELF_EXPLANATORY = ("value", "text")
INDENT = "\u2003"  # an em space, which no table takes away


def problems(built: Structure) -> None:
    """Problems of the file structure, or the statement that there are none."""
    entries = built.problems()
    for node, sentence in entries[:MAX_PROBLEMS]:
        icon = ":material/attachment:" if node.kind == "after" else ":material/warning:"
        st.warning(f"{text.literal(plain(sentence, CELL))} (byte {_offset(built, node)})", icon=icon)
    if len(entries) > MAX_PROBLEMS:
        st.caption(f"And {len(entries) - MAX_PROBLEMS:,} more; the tree marks them all.")
    if not entries:
        st.markdown(":material/check: The file structure is valid, and no data follows its end.")
    gaps = [node for _, node in built.nodes() if node.name == "gap"]
    if (hidden := sum(node.length for node in gaps)) >= MIN_GAP_BYTES:
        st.caption(
            f"{hidden:,} bytes in {len(gaps)} gaps belong to no part of the file: search the tree for “gap”. Manufacturers "
            "store private data there; something may also be hidden there."
        )


def show(subject: Subject, built: Structure) -> None:
    """Map, tree and bytes."""
    nodes = list(built.nodes())
    _map(built, nodes)
    deepest = min(max(d for d, _ in nodes), 8)
    depth, query = deepest, ""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if deepest > 1:
            depth = st.slider("Tree depth", 1, deepest, min(3, deepest), key="file-depth", width=220)
        query = st.text_input("Search the tree", key="file-search", placeholder="APP1, thumbnail, c2pa …", width=320)
    if query.strip():
        matches = [(d, n) for d, n in nodes if _matches(n, query)]
    else:
        matches = [(d, n) for d, n in nodes if d <= depth or n.problem]
    if not matches:
        st.caption("No part matches.")
        return
    rows = matches[:MAX_ROWS]
    first = next((i for i, (_, n) in enumerate(rows) if n.problem), 0)
    picked = st.dataframe(
        _table(built, rows),
        hide_index=True,
        key=f"file-tree-{subject.sha256[:12]}-{depth}-{len(query)}",
        on_select="rerun",
        selection_mode="single-row",
        selection_default={"selection": {"rows": [first]}},
        column_config={
            "Part": st.column_config.TextColumn(width="medium", pinned=True),
            "Offset": st.column_config.NumberColumn(format="localized"),
            "Length": st.column_config.NumberColumn(format="localized"),
            "What it is": st.column_config.TextColumn(width="medium"),
            "Content": st.column_config.TextColumn(width="large"),
        },
        height=min(460, 38 + 35 * len(rows)),
        alt=f"Tree of the file's {len(rows):,} parts with offset and length; select a row to see its bytes",
    )
    more = f" of {len(matches):,}" if len(matches) > len(rows) else ""
    st.caption(f"{len(rows):,}{more} parts. Select a row to see its bytes.")
    chosen = picked.selection.rows[0] if picked.selection.rows else first
    if chosen < len(rows):
        _part(subject, built, rows[chosen][1])


def _matches(node: Node, query: str) -> bool:
    text = f"{node.name} {node.what} {node.problem} {' '.join(f'{k} {v}' for k, v in node.fields)}".casefold()
    return all(word in text for word in query.casefold().split())


def _table(built: Structure, rows: list[tuple[int, Node]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Part": INDENT * max(0, d - 1) + plain(n.name, 80),
                "Offset": built.in_file(n),
                "Hex": _hex(built, n),
                "Length": n.length,
                "What it is": ("⚠ " if n.problem else "") + plain(n.problem or n.what, CELL),
                "Content": plain("; ".join(_field_texts(n)), CELL),
            }
            for d, n in rows
        ]
    ).astype({"Offset": "Int64"})


def _field_texts(node: Node) -> list[str]:
    """The fields of a part, its value first and without its label."""
    first = [value for name, value in node.fields if name in SELF_EXPLANATORY]
    return first + [f"{name} {value}" for name, value in node.fields if name not in SELF_EXPLANATORY]


def _hex(built: Structure, node: Node) -> str:
    at = built.in_file(node)
    return "compressed" if at is None else f"{at:08X}"


def _offset(built: Structure, node: Node) -> str:
    at = built.in_file(node)
    return "within compressed data" if at is None else f"{at:,}"


def _map(built: Structure, nodes: list[tuple[int, Node]]) -> None:
    from cgid.charts.file_map import LEVELS, file_map

    rows = [
        {
            "name": plain(n.name, 40),
            "what": plain(n.what, 120),
            "kind": n.kind,
            "level": d,
            "at": n.at,
            "length": n.length,
        }
        for d, n in nodes
        if 1 <= d <= LEVELS and n.stream == 0
    ]
    if not rows:
        return
    frame = pd.DataFrame(rows)
    way = st.segmented_control(
        "Map of the file", list(MAPS), default="Small parts enlarged", key="file-map", required=True
    )
    st.altair_chart(file_map(frame, KINDS, MAPS[way]), alt=map_description(frame, built.root.length))


def map_description(frame: pd.DataFrame, total: int) -> str:
    """The finding of the map: the percentage of the file by kind of part."""
    top = frame[frame["level"] == 1].groupby("kind")["length"].sum().sort_values(ascending=False)
    shares = [f"{KINDS[k].lower()} {100 * n / max(total, 1):.1f} %" for k, n in top.items() if n][:5]
    return f"Map of the file's {total:,} bytes: {', '.join(shares)}."


def _part(subject: Subject, built: Structure, node: Node) -> None:
    data = built.bytes_of(node)
    at = built.in_file(node)
    with st.container(border=True):
        st.markdown(f"**{text.literal(plain(node.name, 120))}** · {text.literal(plain(node.what, CELL))}")
        place = "decompressed from the file" if at is None else f"at byte {at:,} ({at:#x})"
        joined = "" if node.stream == 0 else f", in {text.literal(built.streams[node.stream].title)}"
        st.caption(f"{node.length:,} bytes {place}{joined}")
        if node.fields:
            st.dataframe(
                pd.DataFrame([(plain(k, 80), plain(v, CELL)) for k, v in node.fields], columns=["Field", "Value"]),
                hide_index=True, 
                alt=f"Fields of this part: {plain('; '.join(f'{k} {v}' for k, v in node.fields[:4]), 300)}",
            )  # fmt: skip
        if not data:
            return
        start = 0
        if len(data) > MAX_DUMP_BYTES:
            start = st.number_input(
                f"Show from byte (0 to {len(data) - 1:,} of this part)", 0, len(data) - 1, 0, MAX_DUMP_BYTES,
                key=f"file-from-{node.stream}-{node.at}-{node.length}", width=320,
            )  # fmt: skip
        st.code(
            hex_dump(data[start : start + MAX_DUMP_BYTES], start + (at or 0)),
            language=None,
            height=280 if len(data) > 160 else "content",
        )
        name = f"{subject.sha256[:12]}-{node.at:08X}.bin"
        st.download_button(
            f"These {node.length:,} bytes", data, name, "application/octet-stream", key="file-bytes",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip
