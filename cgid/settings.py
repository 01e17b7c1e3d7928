"""Where things lie and how much may run at once: the environment, or the defaults.

What the people of this home want kept: a small file of choices, which the environment may overrule.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cgid.files import read_json, write_json

REPOSITORY = Path(__file__).resolve().parent.parent
DASHBOARD = Path(__file__).resolve().parent / "ui" / "dashboard"  # in an installed package only, see setup.py


@dataclass(frozen=True, slots=True)
class Settings:
    """One snapshot of the environment; cheap to make, so nobody keeps a stale one.

    home: folder that holds `data/`, `artifacts/` and the database (`CGID_HOME`; default see `default_home`).
    database_url: SQLAlchemy URL (`CGID_DATABASE_URL`; default SQLite in `artifacts/`).
    cpu_slots, gpu_slots: jobs that may run at once (`CGID_CPU_SLOTS`, `CGID_GPU_SLOTS`).
    workers: processes one job may use (`CGID_WORKERS`; default the processors this process may run on).
    memory_limit: megabytes (10^6 bytes) a worker process may hold while it measures one image (`CGID_MEMORY_LIMIT_MB`).
    executor: where forms start from: `local` or `dask://HOST:PORT` (`CGID_EXECUTOR`).
    trust_list: PEM file of root certificates whose signatures on content credentials count as trusted
        (`CGID_TRUST_LIST`; default none).
    """

    home: Path
    database_url: str
    cpu_slots: int
    gpu_slots: int
    workers: int
    memory_limit: int
    executor: str
    trust_list: Path | None = None

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def manifests(self) -> Path:
        """One folder per data set: `manifest.csv`, `manifest.cleaned.csv`, `split.csv`, `train.csv`, …"""
        return self.data / "manifests"

    @property
    def artifacts(self) -> Path:
        return self.home / "artifacts"

    @property
    def features(self) -> Path:
        return self.artifacts / "features"

    @property
    def runs(self) -> Path:
        return self.artifacts / "runs"

    @property
    def audits(self) -> Path:
        return self.artifacts / "audits"

    @property
    def ablations(self) -> Path:
        return self.artifacts / "ablations"

    @property
    def unseen(self) -> Path:
        """Studies of how a training does on sources it has not seen."""
        return self.artifacts / "unseen"

    @property
    def treatments(self) -> Path:
        """Studies of what the file format told: the same images untreated and treated."""
        return self.artifacts / "treatments"

    @property
    def checks(self) -> Path:
        """Verdicts on whole folders of images."""
        return self.artifacts / "checks"

    @property
    def jobs(self) -> Path:
        return self.artifacts / "jobs"


def processors() -> int:
    """Processors this process may run on (containers and taskset included where the system tells)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def app_folder() -> Path:
    """Folder of `app.py`, `pages/` and `.streamlit/`: in the package where it was installed, else the repository."""
    return DASHBOARD if (DASHBOARD / "app.py").is_file() else REPOSITORY


def default_home() -> Path:
    """Home without `CGID_HOME`: the repository's root in a clone. Where cgid is installed, `cgid-home` in the current
    directory if there is one, else the place that the system has for the data of programs (on Linux
    `$XDG_DATA_HOME/cgid` or `~/.local/share/cgid`, on a Mac `~/Library/Application Support/cgid`, on Windows
    `%LOCALAPPDATA%\\cgid`)."""
    if app_folder() == REPOSITORY and (REPOSITORY / "app.py").is_file():
        return REPOSITORY
    here = Path.cwd() / "cgid-home"
    if here.is_dir():
        return here
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "cgid"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "cgid"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "cgid"


def settings() -> Settings:
    """Read the environment now."""
    env = os.environ
    home = Path(env.get("CGID_HOME") or default_home()).expanduser().resolve()
    return Settings(
        home=home,
        database_url=env.get("CGID_DATABASE_URL") or f"sqlite:///{(home / 'artifacts' / 'cgid.sqlite').as_posix()}",
        cpu_slots=int(env.get("CGID_CPU_SLOTS", 1)),
        gpu_slots=int(env.get("CGID_GPU_SLOTS", 1)),
        workers=int(env.get("CGID_WORKERS", 0)) or processors(),
        memory_limit=int(env.get("CGID_MEMORY_LIMIT_MB", 2000)),
        executor=env.get("CGID_EXECUTOR", "local"),
        trust_list=Path(env["CGID_TRUST_LIST"]).expanduser().resolve() if env.get("CGID_TRUST_LIST") else None,
    )


NEVER, SMALL = "never", "small"
VARIABLE = "CGID_STORE_IMAGES"  # `never` or `small`


def stores_images() -> bool:
    """Whether a small copy of a checked picture may be kept. What cannot be understood counts as a no."""
    if forced():
        return _said() == SMALL
    try:
        chosen = read_json(_file()).get("store_images", SMALL)
    except FileNotFoundError:
        return True
    except (OSError, ValueError, AttributeError):  # damaged: somebody chose something, and it may have been never
        return False
    return chosen == SMALL


def forced() -> bool:
    """Whether the environment decides, so that a choice in a page changes nothing."""
    return bool(_said())


def store_images(allowed: bool) -> None:
    """Choose for this home, from now on. Other choices in the file stay."""
    try:
        kept = dict(read_json(_file()))
    except (OSError, ValueError, TypeError):
        kept = {}
    write_json(_file(), {**kept, "store_images": SMALL if allowed else NEVER})


def _said() -> str:
    return os.environ.get(VARIABLE, "").strip().casefold()


def _file() -> Path:
    return settings().artifacts / "preferences.json"
