"""Copies of a picture wait while somebody waits for an answer, few are judged at once, and each has its turn in the end."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from cgid.ui.check import scheduling


def test_a_copy_waits_for_answers_and_goes_on_when_they_are_given(monkeypatch) -> None:
    monkeypatch.setattr(scheduling, "MAX_WAIT_SECONDS", 30.0)
    order, waiting = [], threading.Event()

    def copy() -> None:
        waiting.set()
        with scheduling.later():
            order.append("copy")

    with scheduling.answer():
        other = threading.Thread(target=copy)
        other.start()
        assert waiting.wait(10)
        time.sleep(0.05)
        order.append("answer")
    other.join(10)
    assert order == ["answer", "copy"]


def test_few_copies_are_judged_at_the_same_time(monkeypatch) -> None:
    monkeypatch.setattr(scheduling, "MAX_WAIT_SECONDS", 30.0)
    now, most, lock = 0, 0, threading.Lock()

    def copy(_: int) -> None:
        nonlocal now, most
        with scheduling.later():
            with lock:
                now, most = now + 1, max(most, now + 1)
            time.sleep(0.005)
            with lock:
                now -= 1

    with ThreadPoolExecutor(10) as people:
        list(people.map(copy, range(30)))
    assert 1 <= most <= scheduling.MAX_LATER_TASKS


def test_answers_without_end_and_one_that_fails_hold_no_copy_up_for_good(monkeypatch) -> None:
    monkeypatch.setattr(scheduling, "MAX_WAIT_SECONDS", 0.05)
    with scheduling.answer(), scheduling.later():
        pass
    monkeypatch.setattr(scheduling, "MAX_WAIT_SECONDS", 30.0)
    with pytest.raises(ValueError), scheduling.answer():
        raise ValueError
    with pytest.raises(ValueError), scheduling.later():
        raise ValueError
    began = time.monotonic()
    with scheduling.later():
        pass
    assert time.monotonic() - began < 10 and not scheduling._answers and not scheduling._later
