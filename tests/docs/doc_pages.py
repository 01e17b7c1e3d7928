"""The pages of the documentation as tests read them: README and docs/*.md, with their code blocks."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_BLOCK = re.compile(r"^( *)```(\w+)([^\n]*)\n(.*?)^\1```", re.S | re.M)


def text(page: Path | str) -> str:
    """A page by path, or by name below docs/."""
    return (page if isinstance(page, Path) else ROOT / "docs" / page).read_text(encoding="utf-8")


def blocks(page: Path | str, language: str) -> list[tuple[str, str]]:
    """(what follows the language, code) of each fenced block, in order."""
    return [(info.strip(), code) for _, name, info, code in _BLOCK.findall(text(page)) if name == language]


def prose(page: Path | str) -> str:
    """A page without its fenced blocks, on one line."""
    return " ".join(_BLOCK.sub("", text(page)).split())
