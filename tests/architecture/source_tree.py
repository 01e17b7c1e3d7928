"""The source of cgid as the rules of the house see it: modules, their imports, the layers they stand in."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ROOT / "docs" / "layers.toml"


@dataclass(frozen=True)
class Import:
    """lazy: inside a function. typing: under `if TYPE_CHECKING`, so never executed."""

    source: str
    target: str
    line: int
    lazy: bool
    typing: bool

    def __str__(self) -> str:
        return f"{self.source}:{self.line} imports {self.target}"


@cache
def layers() -> dict[str, int]:
    """{room: layer} of docs/layers.toml."""
    return {room: layer for room, (layer, _) in tomllib.loads(LAYERS.read_text("utf-8"))["rooms"].items()}


def product_files() -> list[Path]:
    return sorted([ROOT / "app.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "cgid").rglob("*.py")])


def all_files() -> list[Path]:
    folders = [ROOT / name for name in ("tests", "benchmarks", "examples", "docs")]
    return sorted([*product_files(), *(f for folder in folders for f in folder.rglob("*.py"))])


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, ast.Module]:
    return {module_name(f): ast.parse(f.read_text(encoding="utf-8")) for f in product_files()}


@cache
def imports() -> tuple[Import, ...]:
    return tuple(each for name, tree in modules().items() for each in _imports(name, tree, False, False))


def _imports(source: str, node: ast.AST, lazy: bool, typing: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(source, alias.name, child.lineno, lazy, typing) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"{source}:{child.lineno}: imports are absolute"
            for alias in child.names:
                whole = f"{child.module}.{alias.name}"
                target = whole if whole in modules() else str(child.module)
                yield Import(source, target, child.lineno, lazy, typing)
        inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        only_types = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test)
        yield from _imports(source, child, lazy or inside, typing or only_types)


def room_of(module: str) -> str:
    """`root`, `api`, `pages`, or the folder of cgid that a module lives in; "" for other people's modules."""
    first, *rest = module.split(".")
    if first in ("pages", "app") or module == "cgid.__main__":
        return "pages"
    if first != "cgid":
        return ""
    if not rest or ((ROOT / "cgid" / f"{rest[0]}.py").is_file() and rest[0] != "api"):
        return "root"
    return rest[0]


def internal_imports() -> list[Import]:
    return [each for each in imports() if room_of(each.target)]


def loaded_with(starts: list[str]) -> dict[str, str]:
    """{library or module: who imports it} of everything that importing `starts` loads."""
    loaded: dict[str, str] = dict.fromkeys(starts, "the start")
    pending = list(starts)
    while pending:
        source = pending.pop()
        for each in imports():
            if each.source == source and not each.lazy and not each.typing:
                name = each.target if each.target in modules() else each.target.split(".")[0]
                if name not in loaded:
                    loaded[name] = str(each)
                    if name in modules():
                        pending.append(name)
    return loaded


def cycles() -> list[list[str]]:
    """Groups of modules that import one another in a circle (Tarjan's strongly connected components)."""
    edges: dict[str, set[str]] = {name: set() for name in modules()}
    for each in internal_imports():
        if each.target in edges and each.target != each.source and not each.typing:
            edges[each.source].add(each.target)
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    result: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(edges[node]):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            group = []
            while True:
                group.append(stack.pop())
                if group[-1] == node:
                    break
            if len(group) > 1:
                result.append(sorted(group))

    for name in sorted(edges):
        if name not in index:
            visit(name)
    return result
