"""What every source file keeps to: one idea of readable length that says what it is for, and no swallowed error."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from source_tree import ROOT, all_files

MAX_LINES, MAX_PAGE_LINES = 500, 120


def violations(file: Path) -> Iterator[str]:
    text = file.read_text(encoding="utf-8")
    lines = len(text.splitlines())
    longest = MAX_PAGE_LINES if file.parent == ROOT / "pages" else MAX_LINES
    if lines > longest:
        yield f"{lines} lines, at most {longest}"
    if file.name == "__init__.py":
        if text and file.parent != ROOT / "cgid":
            yield "an __init__.py is empty"
        return
    tree = ast.parse(text)
    if not (ast.get_docstring(tree) or "").strip():
        yield "no docstring that says what the file is for"
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and all(isinstance(n, ast.Pass) for n in node.body):
            caught = "everything" if node.type is None else ast.unparse(node.type)
            if caught in ("everything", "Exception", "BaseException"):
                yield f"line {node.lineno} swallows {caught}"


def test_source_files_keep_the_rules():
    assert [f"{file.relative_to(ROOT)}: {each}" for file in all_files() for each in violations(file)] == []
