"""How a row goes from queued to its end, and back: claim, cancel, failure, retry."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from cgid.errors import InputError
from cgid.jobs import claims, store
from cgid.jobs.submit import submit, submit_chain
from jobs_plugin.steps import CountParams, FailParams
from jobs_plugin.watch import chain, ended, finish, until


def test_cancelling_a_queued_job_fails_what_waits_for_it(no_worker: Path) -> None:
    ids = submit_chain(chain(no_worker))
    assert store.request_cancel(ids[0])
    assert [store.get(id).status for id in ids] == ["cancelled", "failed", "failed"]
    assert "which was cancelled" in store.get(ids[1]).error
    again = submit_chain(chain(no_worker))
    assert not set(again) & set(ids) and all(store.get(id).status == "queued" for id in again)


def test_retry_brings_back_the_job_with_those_before_and_after_it(no_worker: Path) -> None:
    ids = submit_chain(chain(no_worker))
    finish(ids[0])
    job = claims.claim({"cpu": 9})
    claims.fail(job.id, job.attempt, "no")
    assert [store.get(id).status for id in ids] == ["done", "failed", "failed"]
    store.retry(ids[2])
    assert [store.get(id).status for id in ids] == ["done", "queued", "queued"]
    assert store.get(ids[1]).error == "" and store.get(ids[1]).attempt == 0
    with pytest.raises(InputError, match="only a failed or cancelled job"):
        store.retry(ids[0])


def test_retry_of_work_that_is_queued_elsewhere_says_where(no_worker: Path) -> None:
    old = submit("test-count", CountParams(no_worker / "out"))
    store.request_cancel(old.id)
    new = submit("test-count", CountParams(no_worker / "out"))
    with pytest.raises(InputError, match=f"already queued as {new.id}"):
        store.retry(old.id)


def test_retry_runs_a_failed_job_again(home: Path) -> None:
    job = submit("test-fail", FailParams("fault", home / "x"))
    failed = ended(job.id)
    assert failed.error == "“Fail” failed inside cgid: ValueError: shapes differ; the log has the details."
    assert "Traceback" not in failed.error and "Traceback" in failed.log.read_text()
    store.retry(job.id)
    until(lambda: failed.log.read_text().count("Traceback") == 2)
    assert ended(job.id).attempt == 1


def test_a_step_that_makes_nothing_is_a_fault(home: Path) -> None:
    job = ended(submit("test-fail", FailParams("nothing", home / "x")).id)
    assert job.status == "failed" and f"without writing {home / 'x'}" in job.error


def test_cancel_wins_over_a_result_that_comes_too_late(no_worker: Path) -> None:
    id = submit("test-count", CountParams(no_worker / "out")).id
    job = claims.claim({"cpu": 1})
    assert store.request_cancel(id)
    assert not claims.finish(id, job.attempt, {})
    assert not claims.progress(id, job.attempt, 1, 2, "")
    assert claims.cancelled(id, job.attempt)
    assert store.get(id).status == "cancelled"


def test_a_process_of_an_earlier_attempt_can_write_nothing(no_worker: Path) -> None:
    id = submit("test-count", CountParams(no_worker / "out")).id
    first = claims.claim({"cpu": 1})
    claims.died(id, first.attempt)
    second = claims.claim({"cpu": 1})
    assert claims.begin(id, first.attempt, 1, 1.0) is None
    assert not claims.finish(id, first.attempt, {})
    assert claims.begin(id, second.attempt, 2, 2.0).id == id


def test_slots_bound_what_runs_at_once(no_worker: Path) -> None:
    for name in "abc":
        submit("test-count", CountParams(no_worker / name))
    assert claims.claim({"cpu": 2}) and claims.claim({"cpu": 2})
    assert claims.claim({"cpu": 2}) is None


def test_two_jobs_that_write_the_same_file_never_run_at_once(no_worker: Path) -> None:
    first = submit("test-count", CountParams(no_worker / "out", items=1))
    second = submit("test-count", CountParams(no_worker / "out", items=2))
    assert claims.claim({"cpu": 9}).id == first.id
    assert claims.claim({"cpu": 9}) is None
    claims.fail(first.id, 1, "no")
    assert claims.claim({"cpu": 9}).id == second.id


def test_progress_is_written_a_few_times_a_second_and_always_at_the_end(home: Path, monkeypatch) -> None:
    from cgid.jobs.run import RowProgress

    written = []
    monkeypatch.setattr(claims, "progress", lambda *state: written.append((time.monotonic(), state)) or True)
    report = RowProgress("x", 1)
    for number in range(2000):
        report(number, 2000, "")
    report.write()
    assert written[-1][1][2] == 1999 and len(written) <= 4


def test_forgetting_a_job_takes_its_log_and_leaves_live_ones(no_worker: Path) -> None:
    id = submit("test-count", CountParams(no_worker / "out")).id
    assert not store.forget(id)
    finish(id)
    store.get(id).log.parent.mkdir(parents=True, exist_ok=True)
    store.get(id).log.write_text("x")
    log = store.get(id).log
    assert store.forget(id) and not log.exists() and store.get(id) is None


def test_jobs_are_found_by_the_beginning_of_their_id(no_worker: Path) -> None:
    id = submit("test-count", CountParams(no_worker / "out")).id
    assert store.find(id[:6]).id == id
    for wrong in ("", "zz", "%"):
        with pytest.raises(InputError):
            store.find(wrong)
