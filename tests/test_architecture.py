"""The rules of the house, read from the source: imports point down, heavy libraries stay where they belong."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONGEST_FILE, LONGEST_PAGE = 300, 120

# Height of each room; an import points to a lower room or stays in its own. The longest matching name counts.
HEIGHT = {
    "cgid": 0,  # the version
    **{f"cgid.{name}": 0 for name in ("errors", "extras", "files", "params", "report", "schema", "settings")},
    "cgid.spreadsheet": 0,
    "cgid.registry": 0.5,
    "cgid.db_upgrade": 0.5,  # below the database that it upgrades
    "cgid.preferences": 0.5,
    "cgid.db": 1,
    "cgid.db_analyses": 1.5,
    "cgid.evaluate": 1,
    "cgid.jobs": 2,
    "cgid.compute": 2,
    "cgid.data": 3,
    "cgid.features": 4,
    "cgid.bench": 5,
    "cgid.models": 5,
    "cgid.train": 6,
    "cgid.forensics": 6,
    "cgid.studies": 7,
    "cgid.jobs.kinds": 8,
    "cgid.pipelines": 8.5,
    "cgid.api": 8.5,
    "cgid.catalog": 8,
    "cgid.charts": 8,
    "cgid.cli_command": 7,
    "cgid.cli_step": 8,
    "cgid.commands": 9,
    "cgid.cli": 10,
    "cgid.__main__": 11,
    "cgid.ui": 11,
    "pages": 12,
    "app": 12,
}
# Upward on purpose, inside functions only: (from, to) -> why.
UPWARD = {
    ("cgid.features", "cgid.models"): "Model A's probability is a feature: the group model_a asks a run for it",
}
PURE = {
    "cgid.evaluate": {"cgid.errors", "cgid.registry", "cgid.report", "cgid.schema"},
    "cgid.charts": {"cgid.errors", "cgid.evaluate", "cgid.schema"},
}
TORCH = {"torch", "torchvision"}
MAY_IMPORT_TORCH = (
    "cgid.train",
    "cgid.models.architectures",
    "cgid.models.networks",
    "cgid.models.representations",
    "cgid.data.demo",
)
NOT_WHEN_CHECKING = TORCH | {"sklearn", "pandas", "skimage", "streamlit", "plotly", "altair"}
ENGINE = ("cgid.jobs.store", "cgid.jobs.turn", "cgid.jobs.worker", "cgid.jobs.run", "cgid.jobs.launch")


@dataclass(frozen=True)
class Import:
    """lazy: inside a function."""

    source: str
    target: str
    line: int
    lazy: bool

    def __str__(self) -> str:
        return f"{self.source}:{self.line} imports {self.target}"


def files() -> list[Path]:
    return sorted([ROOT / "app.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "cgid").rglob("*.py")])


def name_of(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, ast.Module]:
    return {name_of(f): ast.parse(f.read_text(encoding="utf-8")) for f in files() if f.exists()}


@cache
def imports() -> tuple[Import, ...]:
    return tuple(found for name, tree in modules().items() for found in _imports(name, tree, False))


def _imports(source: str, node: ast.AST, lazy: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        if isinstance(child, ast.Import):
            yield from (Import(source, alias.name, child.lineno, lazy) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"{source}:{child.lineno}: imports are absolute"
            for alias in child.names:
                whole = f"{child.module}.{alias.name}"
                yield Import(source, whole if whole in modules() else str(child.module), child.lineno, lazy)
        inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        yield from _imports(source, child, lazy or inside)


def room(module: str) -> str:
    """The longest name in HEIGHT that is the module or holds it."""
    found = [name for name in HEIGHT if module == name or (module.startswith(name + ".") and name != "cgid")]
    assert found, f"{module} is in no room of the house; give it a height"
    return max(found, key=len)


def test_imports_point_down() -> None:
    wrong = []
    for each in imports():
        if each.target.split(".")[0] not in ("cgid", "pages", "app"):
            continue
        source, target = room(each.source), room(each.target)
        allowed = source == target or HEIGHT[target] < HEIGHT[source] or (each.lazy and (source, target) in UPWARD)
        if source in PURE and source != target:
            allowed = target in PURE[source]
        if not allowed:
            wrong.append(str(each))
    assert wrong == []


def test_the_job_engine_knows_nothing_of_the_domain() -> None:
    known = ("cgid.jobs", "cgid.db", "cgid.settings", "cgid.errors", "cgid.extras", "cgid.files", "cgid.params")
    wrong = [str(i) for i in imports() if i.source in ENGINE and i.target.startswith("cgid.") and i.target != "cgid.db"]
    assert [w for w in wrong if not w.split(" imports ")[1].startswith(known)] == []
    assert [w for w in wrong if "cgid.jobs.kinds" in w] == []


def test_only_the_dashboard_imports_streamlit() -> None:
    at_home = ("app", "pages", "cgid.ui")
    assert [str(i) for i in imports() if i.target.split(".")[0] == "streamlit" and room(i.source) not in at_home] == []


def test_torch_only_where_networks_are_trained() -> None:
    torch = [i for i in imports() if i.target.split(".")[0] in TORCH]
    assert [str(i) for i in torch if not i.source.startswith(MAY_IMPORT_TORCH)] == []


def loaded_with(starts: list[str]) -> dict[str, str]:
    """{library or module: who imports it} of everything that importing `starts` loads."""
    found: dict[str, str] = dict.fromkeys(starts, "the start")
    ahead = list(starts)
    while ahead:
        source = ahead.pop()
        for each in imports():
            if each.source == source and not each.lazy:
                name = each.target if each.target in modules() else each.target.split(".")[0]
                if name not in found:
                    found[name] = str(each)
                    if name in modules():
                        ahead.append(name)
    return found


def test_no_page_loads_torch() -> None:
    loaded = loaded_with([m for m in modules() if room(m) in ("app", "pages", "cgid.ui", "cgid.commands", "cgid.cli")])
    assert {name: loaded[name] for name in TORCH if name in loaded} == {}


def test_checking_an_image_loads_nothing_slow() -> None:
    path = ("cgid.features.groups.", "cgid.forensics.")
    starts = [m for m in modules() if m.startswith(path) or m in ("cgid.models.onnx_model", "cgid.models.linear")]
    loaded = loaded_with(["cgid.cli", "cgid.commands.check", *starts])
    assert {name: loaded[name] for name in NOT_WHEN_CHECKING if name in loaded} == {}


def test_help_loads_nothing_slow() -> None:
    heavy = sorted(NOT_WHEN_CHECKING | {"numpy", "scipy", "sqlalchemy", "cv2", "onnxruntime", "PIL"})
    script = (
        "import sys; from cgid.cli import main; code = main(['--help']); "
        f"print([m for m in {heavy!r} if m in sys.modules], file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert (done.returncode, done.stderr.strip()) == (0, "[]")


def python_files() -> list[Path]:
    folders = [ROOT / name for name in ("cgid", "pages", "tests", "benchmarks")]
    return sorted([*(f for folder in folders for f in folder.rglob("*.py"))])


@pytest.mark.parametrize("file", python_files(), ids=lambda f: f.relative_to(ROOT).as_posix())
def test_a_file_is_one_idea(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    longest = LONGEST_PAGE if file.parent.name == "pages" else LONGEST_FILE
    assert len(text.splitlines()) <= longest
    if file.name == "__init__.py":
        assert text == "" or file.parent == ROOT / "cgid"
        return
    tree = ast.parse(text)
    assert (ast.get_docstring(tree) or "").strip(), "the first line says what it is for"
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and all(isinstance(n, ast.Pass) for n in node.body):
            caught = "everything" if node.type is None else ast.unparse(node.type)
            assert caught not in ("everything", "Exception", "BaseException"), f"line {node.lineno} swallows {caught}"


def test_registries_find_what_is_there() -> None:
    from cgid.cli import all_commands
    from cgid.features.registry import all_groups
    from cgid.jobs.registry import all_kinds

    def there(folder: str) -> list[Path]:
        return [f for f in (ROOT / "cgid" / folder).glob("*.py") if f.name != "__init__.py"]

    assert len(all_kinds()) == len(there("jobs/kinds"))
    assert len(all_groups()) == len(there("features/groups"))
    assert len({c.verb for c in all_commands()}) == len(all_commands())
    assert {k.verb for k in all_kinds().values()} <= {c.verb for c in all_commands()}
