"""A worker process as its owner uses it: limits, strange functions, noise on its output, and an end in every case."""

import os
import pickle
import signal
import sys
import time

import psutil
import pytest

from cgid.compute import local as module
from cgid.compute.limits import Limits, WorkerLost
from cgid.compute.local import WorkerProcess, outcome
from cgid.compute.worker import item_begins


class Picky(Exception):
    """Can be pickled, but not made again."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__("both are needed")


def act(what):
    if what == "print":
        print("noise", flush=True)
        os.write(1, b"more noise\n")
    elif what == "picky":
        raise Picky(1, 2)
    elif what == "slow":
        for _ in range(4):
            item_begins()
            time.sleep(0.4)
    elif what == "hang":
        item_begins()
        time.sleep(60)
    elif what == "swell":
        item_begins()
        kept = bytearray(b"x" * 500_000_000)
        time.sleep(len(kept))
    elif what == "interrupt":
        os.kill(os.getpid(), signal.SIGINT)
    elif what == "die":
        os._exit(7)
    elif what == "read":
        return sys.stdin.read()
    return os.getpid()


class Unknown:
    """Cannot be made where it arrives."""

    def __reduce__(self):
        return int, ("no number",)


@pytest.fixture
def run():
    """Give a chunk to one process and see what comes of it."""
    process = WorkerProcess(pickle.dumps(act), Limits(seconds=1, megabytes=400))
    yield lambda what: outcome(process.call(pickle.dumps(what)))
    process.close()


def test_one_process_serves_chunk_after_chunk(run):
    assert run("") == run("") != os.getpid()


def test_what_it_prints_or_reads_does_not_disturb_its_answers(run):
    assert run("print") == run("") and run("read") == ""


def test_an_exception_that_cannot_travel_arrives_as_its_words(run):
    failure = run("picky")
    assert isinstance(failure, RuntimeError) and str(failure) == "Picky: both are needed"


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_the_interrupt_of_a_terminal_is_left_to_the_owner(run):
    assert run("interrupt") == run("")


@pytest.mark.parametrize(
    ("what", "cause", "words"),
    [
        ("hang", "time", "took longer than 1 s"),
        ("swell", "memory", "needed more than 400 MB of memory"),
        ("die", "died", "the worker process died (exit code 7)"),
    ],
)
def test_a_lost_chunk_says_why_and_the_next_gets_a_new_process(run, what, cause, words):
    first = run("")
    lost = run(what)
    assert isinstance(lost, WorkerLost) and (lost.cause, str(lost)) == (cause, words)
    assert run("") != first and not psutil.pid_exists(first)
    again = pickle.loads(pickle.dumps(lost))
    assert (again.cause, again.message) == (cause, words)


def test_the_time_is_for_one_item_not_for_the_chunk(run):
    assert run("slow") == run("")


def test_a_function_that_cannot_be_made_there_fails_each_chunk():
    process = WorkerProcess(pickle.dumps(Unknown()), Limits())
    assert [type(outcome(process.call(pickle.dumps(i)))) for i in range(2)] == [ValueError, ValueError]
    process.close()


def test_an_idle_process_is_let_go_and_comes_back(run, monkeypatch):
    monkeypatch.setattr(module, "IDLE_SECONDS", 0.3)
    first = run("")
    deadline = time.monotonic() + 5
    while psutil.pid_exists(first) and psutil.Process(first).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert run("") != first


def test_nothing_runs_in_a_process_that_was_closed(run):
    process = WorkerProcess(pickle.dumps(act), Limits())
    pid = outcome(process.call(pickle.dumps("")))
    process.close()
    process.close()
    assert not psutil.pid_exists(pid) and process.call(pickle.dumps("")).cause == "closed"
