"""Optional dependencies of cgid (`pip install 'cgid[app]'`): the libraries of each extra."""

from __future__ import annotations

from importlib.util import find_spec

from cgid.errors import InputError

# {extra: libraries it installs, by import name}; versions are in pyproject.toml
EXTRAS = {
    "app": ("streamlit", "altair", "plotly"),
    "train": ("torch", "torchvision", "onnxscript", "skimage", "shap"),
    "cluster": ("dask", "distributed"),
    "report": ("fpdf", "fontTools", "uharfbuzz", "pymupdf_fonts"),
}


def require(extra: str) -> None:
    """Raises InputError where a library of this extra is not installed. Nothing is imported."""
    for library in EXTRAS[extra]:
        if find_spec(library) is None:
            raise InputError(missing_message(library, extra), code="missing_extra")


def missing_extra(error: ImportError) -> InputError | None:
    """InputError for a failed import of a library that belongs to an extra, else None."""
    library = (error.name or "").partition(".")[0]
    extra = next((extra for extra, libraries in EXTRAS.items() if library in libraries), None)
    return None if extra is None else InputError(missing_message(library, extra), code="missing_extra")


def missing_message(library: str, extra: str) -> str:
    return f"This needs {library}, which is not installed: pip install 'cgid[{extra}]'."
