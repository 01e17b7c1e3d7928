"""The optional parts of cgid (`pip install 'cgid[app]'`): which library belongs to which."""

from __future__ import annotations

from importlib.util import find_spec

from cgid.errors import InputError

# {extra: libraries it brings, as they are imported}; pyproject.toml says in which versions
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
            raise InputError(sentence(library, extra), code="missing_extra")


def absent(error: ImportError) -> InputError | None:
    """What to say of a failed import: an InputError where the library belongs to an extra, else None."""
    library = (error.name or "").partition(".")[0]
    extra = next((extra for extra, libraries in EXTRAS.items() if library in libraries), None)
    return None if extra is None else InputError(sentence(library, extra), code="missing_extra")


def sentence(library: str, extra: str) -> str:
    return f"This needs {library}, which is not installed: pip install 'cgid[{extra}]'."
