"""How a batch is shared out among processes, and which numbers of processes are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cgid.errors import InputError
from cgid.models import image_cache
from cgid.models.image_cache import Images, reader
from cgid.models.preprocess import Preprocess
from cgid.train.parallel import SINGLE_PROCESS, Ranks, resolve_processes
from cgid.train.params import TrainModelAParams
from tiny_images import make_images


@given(st.integers(1, 8), st.integers(8, 40))
def test_parts_make_the_batch_and_their_weighted_gradients_average_to_its_own(size, n):
    rows = np.random.default_rng(n).permutation(100)[:n]
    parts = [Ranks(rank, size).shard(rows) for rank in range(size)]
    assert np.concatenate(parts).tolist() == rows.tolist()
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    averaged = np.mean([rows_of.mean() * Ranks(0, size).loss_weight(rows_of, rows) for rows_of in parts])
    assert averaged == pytest.approx(rows.mean())


def test_alone_nothing_is_shared_or_drawn_anew():
    rows, network, value = np.arange(5), torch.nn.Linear(1, 1), torch.ones(1)
    before = torch.get_rng_state()
    SINGLE_PROCESS.reseed(1, 2)
    SINGLE_PROCESS.broadcast_buffers(network)
    SINGLE_PROCESS.leave()
    assert torch.equal(torch.get_rng_state(), before)
    assert (
        SINGLE_PROCESS.shard(rows) is rows
        and SINGLE_PROCESS.total(value) is value
        and SINGLE_PROCESS.broadcast("x") == "x"
    )
    assert SINGLE_PROCESS.wrap(network, torch.device("cpu")) == (network, network)
    assert SINGLE_PROCESS.loss_weight(rows, rows) == 1.0


def test_what_dropout_draws_follows_from_seed_step_and_process():
    def drawn(seed: int, step: int, rank: int) -> float:
        Ranks(rank, 2).reseed(seed, step)
        return float(torch.rand(1))

    assert drawn(1, 2, 0) == drawn(1, 2, 0)
    assert len({drawn(1, 2, 0), drawn(1, 2, 1), drawn(1, 3, 0), drawn(2, 2, 0)}) == 4


def test_a_step_with_fewer_images_than_processes_is_refused():
    Ranks(0, 3).require_images(12, 4)
    with pytest.raises(InputError, match="A step of 2 images cannot be shared out among 3 processes; use fewer"):
        Ranks(0, 3).require_images(11, 4)


def test_processes_that_read_a_share_each_know_all_images_and_decode_the_others_when_asked(tmp_path, monkeypatch):
    paths, ticks = make_images(tmp_path, 15, 0)["path"].tolist(), []
    Path(paths[6]).write_bytes(b"no image")
    monkeypatch.setattr(image_cache, "CHUNK", 4)
    with reader(0) as pool:
        whole, first, second = (Images(paths, Preprocess(32, "crop"), pool, 4, 10**6) for _ in range(3))
        rows = whole.fill(lambda done, total: None)
        shares = [
            each.fill(lambda done, total: ticks.append((done, total)), (k, 2)) for k, each in enumerate((first, second))
        ]
        assert [s.tolist() for s in shares] == [[0, 1, 2, 3, 8, 9, 10, 11], [4, 5, 7, 12, 13, 14]]
        assert ticks == [(4, 15), (12, 15), (8, 15), (15, 15)]
        said = [each.known() for each in (first, second)]
        for each in (first, second):
            for known in said:
                each.add_known(*known)
            assert each.sha256 == whole.sha256 and each.problems == whole.problems
            np.testing.assert_array_equal(each.slack, whole.slack)
            for _ in range(2):  # decoded, then from memory
                np.testing.assert_array_equal(each.inputs(rows), whole.inputs(rows))
            assert each.cached[rows].all() and not each.cached[6]


def params(processes: int, device: str = "cpu") -> TrainModelAParams:
    return TrainModelAParams(*map(Path, "abcd"), processes=processes, device=device)


def test_the_number_of_processes_is_settled_before_the_run_is_named(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    assert [resolve_processes(params(n)).processes for n in (1, 3)] == [1, 3]
    assert resolve_processes(params(0)).processes == 1, "no CUDA device is asked for"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)
    assert resolve_processes(params(0, "auto")).processes == 4
    with pytest.raises(InputError, match="--processes 5 needs as many CUDA devices, and there are 4"):
        resolve_processes(params(5, "cuda"))
    with pytest.raises(InputError, match="--device cuda:1 is one device"):
        resolve_processes(params(2, "cuda:1"))
    with pytest.raises(InputError, match="--processes must be 0"):
        resolve_processes(params(-1))


def test_under_torchrun_the_number_is_what_it_started(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("RANK", "0")
    assert resolve_processes(params(1)).processes == 2
    with pytest.raises(InputError, match="torchrun started 2; leave it out"):
        resolve_processes(params(3))
