"""Puts the dashboard's files, which lie beside the package in the repository, into the wheel: cgid/ui/dashboard/.

Everything else about the package is in pyproject.toml. An editable installation needs no copies and makes none.
"""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

PATTERNS = ("app.py", "pages/*.py", ".streamlit/config.toml")


def dashboard_files() -> list[str]:
    """Relative to the repository's root."""
    return sorted(path.as_posix() for pattern in PATTERNS for path in Path().glob(pattern))


class BuildWithDashboard(build_py):
    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        for source in dashboard_files():
            target = Path(self.build_lib, "cgid", "ui", "dashboard", source)
            self.mkpath(str(target.parent))
            self.copy_file(source, str(target))

    def get_source_files(self) -> list[str]:
        """For source distributions."""
        return [*super().get_source_files(), *dashboard_files()]


setup(cmdclass={"build_py": BuildWithDashboard})
