"""Which models are used: the current ones, or others for comparison."""

from __future__ import annotations

import tempfile
from pathlib import Path

import streamlit as st

from cgid.errors import InputError
from cgid.forensics.model_choice import NONE, Choice, chosen_models
from cgid.runs import store
from cgid.ui.shared import parts, text

CURRENT = ""
MAX_MEGABYTES = 600


def choose() -> Choice:
    """A folded form; the choice stands in the address. If the chosen models cannot be used, the current ones are, with a message."""
    with st.expander("Other models", icon=":material/tune:"):
        st.caption(
            "The current models are used unless you choose others here; the image is then checked again at once."
        )
        left, right = st.columns(2)
        with left:
            a = _run("Model A, the image network", "model_a")
            file = st.file_uploader(
                "Or an ONNX file with its metadata (docs/any-detector.md)",
                type=["onnx"],
                key="onnx",
                max_upload_size=MAX_MEGABYTES,
            )
        with right:
            b = _run("Model B, the fusion of all evidence", "model_b")
        choice = Choice(_temporary_file(file.getvalue(), file.name) if file else a, b)
        if choice.current:
            return choice
        try:
            chosen_models(choice)
        except InputError as problem:
            parts.problem(problem)
            st.caption("The current models are used instead.")
            return Choice()
    st.info(
        f"Models other than the current ones are in use: {text.code(_description(choice))}.",
        icon=":material/compare_arrows:",
    )
    return choice


def _run(label: str, kind: str) -> str:
    runs = [CURRENT, *(r.id for r in store.runs(kind)), NONE]
    now = store.current(kind)
    names = {CURRENT: f"current: {now.id}" if now else "current: none promoted", NONE: "none"}
    return st.selectbox(
        label, list(dict.fromkeys(runs)), format_func=lambda r: names.get(r, r), key=kind, bind="query-params"
    )


def _description(choice: Choice) -> str:
    a = Path(choice.model_a).name if choice.model_a.endswith(".onnx") else choice.model_a
    return ", ".join(f"{title} {name}" for title, name in (("Model A", a), ("Model B", choice.model_b)) if name)


def _temporary_file(data: bytes, name: str) -> str:
    """Path of the upload: onnxruntime needs a file. Named by content, in the session's own temporary folder."""
    import hashlib

    folder = st.session_state.setdefault("onnx-folder", tempfile.TemporaryDirectory(prefix="cgid-onnx-"))
    path = Path(folder.name) / hashlib.sha256(data).hexdigest()[:16] / f"{Path(name).stem[:60] or 'model'}.onnx"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return str(path)
