"""Folds over processes: the same bits for any number of workers, a dead worker costs one fold, a stopped run goes on."""

import os
import signal

import numpy as np
import pandas as pd
import pytest

from cgid.ablation import run
from cgid.ablation.params import AblateParams
from cgid.ablation.run import FoldExecutor, ablate
from cgid.compute.limits import WorkerLost
from cgid.errors import InputError

FILES = ("ablation_results.csv", "ablation_folds.csv")


@pytest.fixture
def table(tmp_path):
    random, n = np.random.default_rng(0), 80
    label = np.arange(n) // 2 % 2
    frame = pd.DataFrame(
        {
            "label": np.where(label == 1, "ai", "real"),
            "group": [f"photo-{i // 2}" for i in range(n)],
            "jpeg_quality_estimate": np.where(label == 1, np.nan, 85.0),
            "noise_variance": random.normal(size=n) + label,
            "ela_mean_error": random.normal(size=n),
        }
    )
    frame.to_parquet(tmp_path / "features.parquet")
    return tmp_path / "features.parquet"


def square(value: int) -> int:
    return value * value


class DieOnce:
    """Ends its own process the first time it meets the fatal chunk."""

    def __init__(self, marker) -> None:
        self.marker = marker

    def __call__(self, value: int) -> int:
        if value == 3 and not self.marker.exists():
            self.marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return value * value


def always_die(value: int) -> int:
    os._exit(7)


def refuse(value: int) -> int:
    raise ValueError("this fold makes no sense")


def test_any_number_of_workers_gives_the_same_bits(table, tmp_path):
    for workers in (1, 3):
        out = tmp_path / str(workers)
        ablate(AblateParams(table, out, folds=3, repeats=1, models="linear,boosting", workers=workers))
    for name in FILES:
        assert (tmp_path / "1" / name).read_text() == (tmp_path / "3" / name).read_text()
    one, three = (pd.read_parquet(tmp_path / w / "ablation_scores.parquet") for w in ("1", "3"))
    pd.testing.assert_frame_equal(one, three, check_exact=True)


def test_a_dead_worker_costs_its_fold_which_is_done_again(tmp_path):
    found = sorted(FoldExecutor("local", 2, False).map(DieOnce(tmp_path / "died"), list(range(6))))
    assert found == [(i, i * i) for i in range(6)]
    assert (tmp_path / "died").exists()


def test_a_fold_whose_worker_always_dies_is_given_up_in_one_sentence():
    with pytest.raises(InputError, match=r"given up after 3 attempts.*Finished folds are retained"):
        list(FoldExecutor("local", 2, False).map(always_die, [1, 2]))


def test_a_fold_that_raises_ends_the_run_with_its_words():
    with pytest.raises(ValueError, match="makes no sense"):
        list(FoldExecutor("local", 2, False).map(refuse, [1, 2]))


def test_small_work_stays_here_and_large_work_is_shared_out(monkeypatch):
    asked = []

    def processes(function, chunks, *, executor, workers):
        asked.append((len(chunks), workers))
        return ((i, function(c)) for i, c in enumerate(chunks))

    monkeypatch.setattr(run, "map_chunks", processes)
    assert len(list(FoldExecutor("local", 2, True).map(square, list(range(9))))) == 9
    assert asked == []
    monkeypatch.setattr(run, "MIN_PARALLEL_SECONDS", -1.0)
    assert sorted(FoldExecutor("local", 2, True).map(square, list(range(9)))) == [(i, i * i) for i in range(9)]
    assert asked == [(7, 2)]  # two were done here to see how long one takes


def test_only_what_was_lost_is_asked_for_again(monkeypatch):
    rounds = []

    def processes(function, chunks, *, executor, workers):
        rounds.append(list(chunks))
        lost = len(rounds) == 1
        return ((i, WorkerLost() if lost and c == 2 else function(c)) for i, c in enumerate(chunks))

    monkeypatch.setattr(run, "map_chunks", processes)
    assert sorted(FoldExecutor("local", 4, False).map(square, [1, 2, 3])) == [(0, 1), (1, 4), (2, 9)]
    assert rounds == [[1, 2, 3], [2]]


def test_a_run_stopped_with_one_worker_goes_on_with_two(table, tmp_path):
    def stop(done, total, note=""):
        if done == 2:
            raise KeyboardInterrupt

    out, seen = tmp_path / "out", []
    with pytest.raises(KeyboardInterrupt):
        ablate(AblateParams(table, out, folds=3, repeats=2, workers=1), stop)
    ablate(AblateParams(table, out, folds=3, repeats=2, workers=2), lambda done, total, note="": seen.append(done))
    assert [d for d in seen if d] == [2, 3, 4, 5, 6]
    ablate(AblateParams(table, tmp_path / "straight", folds=3, repeats=2, workers=1))
    for name in FILES:
        assert (out / name).read_text() == (tmp_path / "straight" / name).read_text()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"executor": "spark://x"}, "not known"),
        ({"executor": "dask://127.0.0.1:1"}, "127.0.0.1:1"),
        ({"workers": -1}, "--workers -1"),
        ({"models": "linear,tree"}, "`tree` is not one of linear, forest, boosting"),
        ({"models": " , "}, "is not one of linear"),
    ],
)
def test_what_cannot_be_used_is_one_clear_line(table, tmp_path, wrong, words):
    with pytest.raises(InputError, match=words):
        ablate(AblateParams(table, tmp_path / "out", **wrong))


def test_a_dask_cluster_gives_the_same_bits(table, tmp_path):
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, protocol="tcp", dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        address = "dask://" + cluster.scheduler_address.removeprefix("tcp://")
        ablate(AblateParams(table, tmp_path / "dask", folds=2, repeats=1, executor=address))
    ablate(AblateParams(table, tmp_path / "here", folds=2, repeats=1, workers=1))
    for name in FILES:
        assert (tmp_path / "dask" / name).read_text() == (tmp_path / "here" / name).read_text()
