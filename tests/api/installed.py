"""A virtual environment with cgid as a stranger would install it, far from the repository; for tests of the package."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("cgid", "pages", ".streamlit", "app.py", "setup.py", "pyproject.toml", "README.md", "LICENSE")


def source_tree(folder: Path) -> Path:
    """A copy of what a package is built from: building leaves files behind."""
    for name in SOURCES:
        source, target = ROOT / name, folder / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    return folder


def build_wheel(folder: Path) -> Path:
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(folder / "dist"),
    ]
    run([*command, str(source_tree(folder / "source"))])
    [wheel] = (folder / "dist").glob("cgid-*.whl")
    return wheel


def environment(folder: Path, *, here_too: bool) -> Path:
    """Its Python. here_too: what is installed for this Python is seen as well, but for cgid itself."""
    run([sys.executable, "-m", "venv", str(folder)])
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if here_too:
        code = "import sysconfig; print(sysconfig.get_path('purelib'))"
        own = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True).stdout.strip()
        other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
        Path(own, "here_too.pth").write_text(other + "\n", encoding="utf-8")
    return python


def run(command: list[str], **more) -> str:
    """Its words. The home is not that of this test, unless said."""
    quiet = {k: v for k, v in os.environ.items() if not k.startswith(("CGID_", "PYTHONPATH", "STREAMLIT_"))}
    done = subprocess.run(command, capture_output=True, text=True, **{"env": quiet, "timeout": 500} | more)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout
