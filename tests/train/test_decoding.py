"""Images decoded by other processes: the same pixels, and a process that dies costs at most one image, said in words."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import psutil
import pytest

import cgid.models.architecture as registry
from cgid.compute.limits import WorkerLost
from cgid.files import read_json
from cgid.models import image_cache
from cgid.models.image_cache import Images, ProcessExecutor, read_input, reader
from cgid.models.preprocess import Preprocess
from cgid.progress import silent
from cgid.train import export_onnx
from cgid.train.model_a import train
from child_processes import living
from tiny_images import make_images
from tiny_network import TINY, recipe


def number() -> int:
    return os.getpid()


def die_once(mark: Path) -> int:
    if mark.exists():
        return number()
    mark.touch()
    os.kill(os.getpid(), signal.SIGKILL)


def deadly_read(path: str, preprocess: Preprocess, margin: int):
    """As `read_square`, of an image that crashes its decoder."""
    if path.endswith("ai_3.png"):
        os.kill(os.getpid(), signal.SIGKILL)
    return read_input(path, preprocess, margin)


def fail() -> None:
    raise ValueError("as it is")


def test_other_processes_give_the_same_pixels_and_none_is_left(tmp_path):
    paths, preprocess = make_images(tmp_path, 12, 0)["path"], Preprocess(32, "resize")
    with reader(0) as threads, reader(2) as processes:
        assert isinstance(processes, ProcessExecutor)
        found = [Images(paths, preprocess, pool, 4, 10**6) for pool in (threads, processes)]
        assert [each.fill(lambda done, total: None).tolist() for each in found] == [list(range(12))] * 2
        numbers = {processes.submit(number).result() for _ in range(20)}
    np.testing.assert_array_equal(found[0].cache, found[1].cache)
    assert found[0].sha256 == found[1].sha256
    assert os.getpid() not in numbers and not any(psutil.pid_exists(n) for n in numbers)


def test_a_call_whose_process_died_is_made_again_once(tmp_path):
    with ProcessExecutor(1) as pool:
        assert pool.submit(die_once, tmp_path / "mark").result() != os.getpid()
        with pytest.raises(WorkerLost, match=r"died \(exit code 3\)"):
            pool.submit(os._exit, 3).result()
        with pytest.raises(ValueError, match="as it is"):
            pool.submit(fail).result()
        assert pool.submit(number).result() != os.getpid(), "goes on after that"


def test_an_image_that_crashes_its_decoder_is_left_out_and_named(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(image_cache, "read_input", deadly_read)
    monkeypatch.setattr(registry, "all_architectures", lambda: {"tiny": TINY})
    monkeypatch.setattr(export_onnx, "EXPORTERS", {"torchscript": export_onnx.EXPORTERS["torchscript"]})
    train(recipe(tiny, tmp_path, epochs=1, workers=2), silent)
    skipped = read_json(tmp_path / "run_manifest.json")["skipped"]
    assert {s["role"] for s in skipped} == {"train", "val", "test"}
    for each in skipped:
        assert each["filepath"].endswith("ai_3.png")
        assert each["reason"] == f"{each['filepath']} was not decoded: the worker process died (SIGKILL)."
    assert not living("cgid.compute.worker")
