"""Names and texts use the words of the field: none of those in `retired_words.toml`, each of which had a private sense.

A line that quotes such a word on purpose carries the marker `retired word` in a comment.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from source_tree import ROOT, module_name, product_files, room_of

MARKER = "retired word"
RETIRED = tomllib.loads(Path(__file__).with_name("retired_words.toml").read_text("utf-8"))
WORDS, LIMITS = frozenset(RETIRED["names"]["words"]), tuple(RETIRED["names"]["limits"])
ALLOWED: dict[str, str] = RETIRED["names"]["allowed"]
PHRASES, DOCSTRING_PHRASES = RETIRED["texts"]["phrases"], RETIRED["texts"]["docstring_phrases"]
DOCUMENTS = ("README.md", "docs/**/*.md", "examples/**/*.md")
# Besides the rooms of cgid and `pages`.
OTHER = ["documents", "examples"]


def is_retired(name: str) -> bool:
    """Whether a part of the name, split at `_` and at capitals, is retired and the name is not allowed."""
    if name in ALLOWED:
        return False
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    bare = name.lstrip("_")
    limit = bare.isupper() and bare.split("_")[0] in LIMITS
    return limit or any(part.lower() in WORDS for part in parts)


def names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, name) of what the source calls by name: variables, arguments, functions, classes, attributes, keywords."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                yield node.lineno, name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield node.lineno, name
            case ast.arg(arg=name) | ast.keyword(arg=str(name)):
                yield node.lineno, name
            case ast.alias(name=name, asname=other):
                yield node.lineno, other or name.split(".")[-1]
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield node.lineno, name


def retired_names(source: str) -> list[tuple[int, str]]:
    lines = source.splitlines()
    result = {(line, name) for line, name in names(ast.parse(source)) if is_retired(name)}
    return sorted((line, name) for line, name in result if MARKER not in lines[line - 1])


def pattern(phrases: list[str]) -> re.Pattern[str]:
    """One of the phrases as whole words; between the words of a phrase any white space or mark of a comment.

    A word inside a longer name does not count (`treatment-study`, `treatment.json`), nor does one in backquotes.
    """
    longest_first = sorted(phrases, key=len, reverse=True)
    any_phrase = "|".join(r"[\s#>]+".join(map(re.escape, phrase.split())) for phrase in longest_first)
    return re.compile(rf"(?<![\w`.-])(?:{any_phrase})(?![\w`-]|[.:]\w)", re.IGNORECASE)


KEY = re.compile(r"[a-z0-9_.-]+")  # a string that is a key of JSON, a column or a flag is no text
ANYWHERE, IN_DOCSTRINGS = pattern(PHRASES), pattern(PHRASES + DOCSTRING_PHRASES)


def texts(source: str) -> Iterator[tuple[int, str, re.Pattern[str]]]:
    """(first line, text, what it may not hold) of docstrings, comments and strings; a string over several lines is one."""
    tree = ast.parse(source)
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inner:
            if not KEY.fullmatch(node.value):
                yield node.lineno, node.value, IN_DOCSTRINGS if id(node) in docstrings else ANYWHERE
        elif isinstance(node, ast.JoinedStr):
            yield node.lineno, "".join(p.value if isinstance(p, ast.Constant) else "…" for p in node.values), ANYWHERE
    block: list[str] = []
    first = last = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            if token.start[0] != last + 1 and block:
                yield first, "\n".join(block), IN_DOCSTRINGS
                block = []
            first, last = (first if block else token.start[0]), token.start[0]
            block.append(token.string)
    if block:
        yield first, "\n".join(block), IN_DOCSTRINGS


def retired_phrases(source: str, python: bool = True) -> list[tuple[int, str]]:
    """(line, phrase) of every retired phrase in a Python source or a document."""
    lines = source.splitlines()
    result = set()
    for first, text, forbidden in texts(source) if python else [(1, source, ANYWHERE)]:
        for match in forbidden.finditer(text):
            line = first + text.count("\n", 0, match.start())
            if MARKER not in lines[min(line, len(lines)) - 1]:
                result.add((line, " ".join(match[0].split())))
    return sorted(result)


@cache
def files() -> dict[str, list[Path]]:
    """{room of cgid, `pages`, `documents` or `examples`: its files}."""
    result: dict[str, list[Path]] = {}
    for file in product_files():
        result.setdefault(room_of(module_name(file)), []).append(file)
    result["documents"] = sorted({path for glob in DOCUMENTS for path in ROOT.glob(glob)})
    result["examples"] = sorted((ROOT / "examples").rglob("*.py"))
    return result


@pytest.mark.parametrize("room", sorted(set(files()) - set(OTHER)))
def test_names_use_the_words_of_the_field(room):
    wrong = []
    for file in files()[room]:
        where = file.relative_to(ROOT)
        wrong += [f"{where}:1: {part}" for part in where.with_suffix("").parts if is_retired(part)]
        wrong += [f"{where}:{line}: {name}" for line, name in retired_names(file.read_text("utf-8"))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("room", sorted(files()))
def test_texts_use_the_words_of_the_field(room):
    wrong = [
        f"{file.relative_to(ROOT)}:{line}: {phrase!r}"
        for file in files()[room]
        for line, phrase in retired_phrases(file.read_text("utf-8"), file.suffix == ".py")
    ]
    assert not wrong, "\n".join(wrong)


def test_an_allowed_name_needs_its_allowance_and_has_a_reason():
    for name, reason in ALLOWED.items():
        parts = {part.lower() for part in re.findall(r"[A-Z]?[a-z]+", name)}
        assert parts & WORDS and reason.strip(), name


def test_the_list_catches_what_it_is_for():
    source = (
        '"""What the network\nlooked at."""\n'
        "def all_kept(asked): return asked.softwareMade\n"
        "MOST_ROWS = 3  # thrown\n# out, or not\n"
        'TEXT = f"{MOST_ROWS} on the " "bench", "shelf", "Shelf"\n'
        'QUOTED = "the bench"  # retired word, quoted\n'
        "foundation = almost = unkempt = treaty = 1\n"
    )
    assert retired_names(source) == [
        (3, "all_kept"),
        (3, "asked"),
        (3, "softwareMade"),
        (4, "MOST_ROWS"),
        (6, "MOST_ROWS"),
    ]
    assert retired_phrases(source) == [(1, "network looked"), (4, "thrown # out"), (6, "Shelf"), (6, "the bench")]
    assert retired_phrases(
        "treatment-study, `treatment`, treatment.json\n> take it\n> with you <!-- x -->\nthe bench <!-- retired word -->",
        False,
    ) == [(2, "take it > with you")]
    assert is_retired("ShelfView") and is_retired("_kept") and not is_retired("FileNotFoundError")
