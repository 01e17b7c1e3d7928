"""An image that hangs, swells, crashes or fails on a Dask cluster costs itself, and never a worker."""

from pathlib import Path

import pandas as pd
import psutil
import pytest

import counting_groups
from cgid.extraction import extract as module
from cgid.extraction.extract import extract
from cgid.extraction.params import ExtractParams
from dask_cluster import Cluster
from synthetic_images import encoded, photo, write_manifest

pytest.importorskip("distributed")
BAD = {
    "hang.png": "hang.png took longer than 2 s.",
    "die.png": "die.png: the worker process died (SIGSEGV).",
    "swell.png": "swell.png needed more than 400 MB of memory.",
    "exit.png": "exit.png: the worker process died (exit code 0).",
}


def test_bad_images_cost_themselves_and_a_worker_of_two_threads_stands(tmp_path, monkeypatch):
    monkeypatch.setenv("CGID_HOME", str(tmp_path))
    monkeypatch.setenv("CGID_MEMORY_LIMIT_MB", "400")
    monkeypatch.setattr("cgid.extraction.dispatch.SECONDS_PER_IMAGE", 2)
    monkeypatch.setattr(module, "select_groups", lambda keys: {"fragile": counting_groups.FRAGILE})
    names = [*(f"{i}.png" for i in range(12)), *BAD, "raise.png"]
    for i, name in enumerate(names):
        (tmp_path / name).write_bytes(encoded(photo(seed=i)))
    write_manifest(tmp_path, names)
    cluster = Cluster(tmp_path / "cluster")
    try:
        nanny = psutil.Process(cluster.worker(threads=2).pid)
        cluster.wait_for_workers(1)
        before = {p for p in nanny.children() if "spawn_main" in " ".join(p.cmdline())}
        extract(ExtractParams(tmp_path / "m.csv", tmp_path / "f.parquet", executor=cluster.executor))
        assert before and all(p.is_running() for p in before), "a worker was lost"
    finally:
        cluster.stop()
    failures = pd.read_csv(tmp_path / "failures.csv")
    assert {Path(p).name: reason for p, reason in zip(failures["filepath"], failures["reason"])} == BAD
    table = pd.read_parquet(tmp_path / "f.parquet")
    assert len(table) == 13 and table.set_index("filename").loc["raise.png", "fragile_missing"] == 1
