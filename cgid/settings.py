"""Where things lie and how much may run at once: the environment, or the defaults."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Settings:
    """One snapshot of the environment; cheap to make, so nobody keeps a stale one.

    home: folder that holds `data/`, `artifacts/` and the database (`CGID_HOME`; default the repository's root).
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


def settings() -> Settings:
    """Read the environment now."""
    env = os.environ
    home = Path(env.get("CGID_HOME") or REPOSITORY).expanduser().resolve()
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
