"""What comes before a job that is about to be entered: slots, the order in which jobs are claimed, and the words for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cgid.jobs import claims, store
from cgid.jobs.queue import queue_of
from cgid.jobs.store import Work
from cgid.ui.train.view import sentence

SLOTS = {"cpu": 1, "gpu": 1}


@pytest.fixture
def rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Enter waiting jobs of a slot."""
    monkeypatch.setenv("CGID_HOME", str(tmp_path))
    monkeypatch.delenv("CGID_DATABASE_URL", raising=False)

    def enter(slot: str, *names: str) -> list[str]:
        work = [Work("train-model-a", f"Train {name}", {}, name, slot, (tmp_path / name,)) for name in names]
        return [id for id, _ in store.enter(work)]

    return enter


def test_an_empty_slot_takes_a_job_at_once(rows):
    rows("cpu", "other")
    queue = queue_of("gpu")
    assert queue.position == 0 and sentence(queue) == "No job is waiting for the GPU: yours would start at once."


def test_two_wait_and_yours_would_be_third(rows):
    rows("gpu", "a", "b", "c")
    claims.claim(SLOTS)
    queue = queue_of("gpu")
    assert ([j.title for j in queue.running], [j.title for j in queue.waiting]) == (["Train a"], ["Train b", "Train c"])
    assert queue.position == 3
    assert (
        sentence(queue)
        == "1 job is running on the GPU (Train a) and 2 jobs are waiting for it; yours would be third in the queue."
    )


def test_the_line_is_the_order_in_which_jobs_are_claimed(rows):
    ids = rows("gpu", "a", "b", "c") + rows("gpu", "d")
    assert [j.id for j in queue_of("gpu").waiting] == sorted(ids, key=lambda id: (store.get(id).created, id))
    for place, job in enumerate(queue_of("gpu").waiting):
        claimed = claims.claim(SLOTS)
        assert claimed.id == job.id and queue_of("gpu").position == 4 - place
        assert queue_of("gpu").ahead_of(job.id) is None
        assert claims.finish(job.id, claimed.attempt, {})
    assert queue_of("gpu").position == 0


def test_as_many_run_at_once_as_there_are_slots(rows, monkeypatch):
    monkeypatch.setenv("CGID_GPU_SLOTS", "2")
    rows("gpu", "a")
    assert queue_of("gpu").position == 0
    rows("gpu", "b", "c")
    assert queue_of("gpu").position == 4, "the third waits for one of two places"


def test_a_cancelled_job_leaves_the_line(rows):
    ids = rows("gpu", "a", "b")
    claims.claim(SLOTS)
    (waiting,) = queue_of("gpu").waiting
    assert queue_of("gpu").ahead_of(waiting.id) == 0
    store.request_cancel(waiting.id)
    assert queue_of("gpu").position == 1 and waiting.id in ids
    assert sentence(queue_of("gpu")).endswith("; yours would be first in the queue.")
