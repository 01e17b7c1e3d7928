"""Settings: paths and limits from the environment or defaults, and the preference on stored thumbnails."""

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
    """A snapshot of the environment; cheap to create, so read it where it is needed.

    home: folder that holds `data/`, `artifacts/` and the database (`CGID_HOME`; default see `default_home`).
    database_url: SQLAlchemy URL (`CGID_DATABASE_URL`; default SQLite in `artifacts/`).
    cpu_slots, gpu_slots: jobs that may run at once (`CGID_CPU_SLOTS`, `CGID_GPU_SLOTS`).
    workers: processes one job may use (`CGID_WORKERS`; default the processors this process may run on).
    memory_limit: megabytes (10^6 bytes) a worker process may use for one image (`CGID_MEMORY_LIMIT_MB`).
    executor: default of forms: `local` or `dask://HOST:PORT` (`CGID_EXECUTOR`).
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
        """Results of training evaluated on unseen sources."""
        return self.artifacts / "unseen"

    @property
    def format_experiments(self) -> Path:
        """Results of format matching: the same images with original and with matched file formats."""
        return self.artifacts / "treatments"

    @property
    def checks(self) -> Path:
        """Verdicts on whole folders of images."""
        return self.artifacts / "checks"

    @property
    def jobs(self) -> Path:
        return self.artifacts / "jobs"


def processors() -> int:
    """Processors this process may run on (respects containers and taskset where the system reports them)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def app_folder() -> Path:
    """Folder of `app.py`, `pages/` and `.streamlit/`: in the installed package, else the repository."""
    return DASHBOARD if (DASHBOARD / "app.py").is_file() else REPOSITORY


def default_home() -> Path:
    r"""Home without `CGID_HOME`: the repository's root in a clone. Where cgid is installed, `cgid-home` in the current
    directory if there is one, else the system's folder for application data (on Linux
    `$XDG_DATA_HOME/cgid` or `~/.local/share/cgid`, on a Mac `~/Library/Application Support/cgid`, on Windows
    `%LOCALAPPDATA%\cgid`)."""
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
    """Settings from the current environment."""
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
STORE_IMAGES_VARIABLE = "CGID_STORE_IMAGES"  # `never` or `small`


def stores_images() -> bool:
    """Whether thumbnails of checked images may be stored. An invalid value counts as no."""
    if set_by_environment():
        return _environment_choice() == SMALL
    try:
        choice = read_json(_preferences_file()).get("store_images", SMALL)
    except FileNotFoundError:
        return True
    except (OSError, ValueError, AttributeError):  # damaged: the choice may have been never
        return False
    return choice == SMALL


def set_by_environment() -> bool:
    """Whether the environment decides, so that the choice on a page has no effect."""
    return bool(_environment_choice())


def set_store_images(allowed: bool) -> None:
    """Set the preference of this data folder. Other preferences in the file stay."""
    try:
        preferences = dict(read_json(_preferences_file()))
    except (OSError, ValueError, TypeError):
        preferences = {}
    write_json(_preferences_file(), {**preferences, "store_images": SMALL if allowed else NEVER})


def _environment_choice() -> str:
    return os.environ.get(STORE_IMAGES_VARIABLE, "").strip().casefold()


def _preferences_file() -> Path:
    return settings().artifacts / "preferences.json"
