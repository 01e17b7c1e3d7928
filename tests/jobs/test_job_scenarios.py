"""What the engine promises when processes are killed, apps close and people change their minds."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import psutil

from cgid.jobs import store
from cgid.jobs.processes import ensure_supervisor
from cgid.jobs.submit import submit
from jobs_plugin.steps import CountParams, FailParams, TreeParams
from jobs_plugin.watch import ended, processes_of, until, workers_of


def starts(folder: Path) -> int:
    return len((folder / "starts").read_text().split()) if (folder / "starts").exists() else 0


def test_four_workers_started_at_once_leave_one(home: Path) -> None:
    job = submit("test-count", CountParams(home / "out", items=30, pause=0.1))
    started = [subprocess.Popen([sys.executable, "-m", "cgid.jobs.supervisor"]) for _ in range(4)]
    until(lambda: store.get(job.id).status == "running")
    until(lambda: len(workers_of(home)) == 1 and sum(p.poll() is None for p in started) <= 1)
    assert ended(job.id).status == "done"
    assert starts(home / "out") == 1
    for process in started:
        process.wait(timeout=20)


def test_worker_ends_when_idle_and_job_entered_later_starts_another(home: Path) -> None:
    assert ended(submit("test-count", CountParams(home / "one")).id).status == "done"
    until(lambda: not workers_of(home), 10)
    assert ended(submit("test-count", CountParams(home / "two")).id).status == "done"


def test_worker_killed_job_goes_on_and_is_adopted(home: Path) -> None:
    job = submit("test-count", CountParams(home / "out", items=40, pause=0.1))
    until(lambda: (home / "out" / "3.item").exists())
    [worker] = workers_of(home)
    worker.kill()
    worker.wait()
    until(lambda: (home / "out" / "8.item").exists())  # nobody supervises it, and it goes on
    ensure_supervisor()
    until(lambda: workers_of(home))
    done = ended(job.id)
    assert (done.status, done.attempt, starts(home / "out")) == ("done", 1, 1)


def test_adopted_job_that_dies_is_requeued_by_the_new_worker(home: Path) -> None:
    job = submit("test-count", CountParams(home / "out", items=20, pause=0.1))
    until(lambda: (home / "out" / "2.item").exists())
    [worker] = workers_of(home)
    worker.kill()
    worker.wait()
    psutil.Process(store.get(job.id).pid).kill()
    ensure_supervisor()
    done = ended(job.id)
    assert (done.status, done.attempt) == ("done", 2)


def test_claimed_but_never_started_job_is_started_by_the_next_worker(home: Path) -> None:
    """The worker died between taking the row and starting its process."""
    from cgid.jobs import claims

    [(id, _)] = store.enter([work(home, CountParams(home / "out"))])
    assert claims.claim({"cpu": 1}).id == id
    ensure_supervisor()
    done = ended(id)
    assert (done.status, done.attempt) == ("done", 2)


def test_job_killed_at_random_points_does_nothing_twice_and_loses_nothing(home: Path) -> None:
    job = submit("test-count", CountParams(home / "out", items=24, pause=0.05))
    dice = random.Random(7)
    for attempt in (1, 2):
        until(lambda attempt=attempt: store.get(job.id).attempt == attempt and starts(home / "out") == attempt)
        time.sleep(dice.uniform(0.0, 0.4))
        psutil.Process(store.get(job.id).pid).kill()
    done = ended(job.id)
    assert (done.status, done.attempt, done.done) == ("done", 3, 24)  # an item made twice fails the step
    assert len(list((home / "out").glob("*.item"))) == 24


def test_job_that_dies_three_times_is_given_up_with_a_sentence(home: Path) -> None:
    job = ended(submit("test-fail", FailParams("exit", home / "x")).id)
    assert (job.status, job.attempt) == ("failed", 3)
    assert "without reporting a result 3 times (exit code 7)" in job.error


def test_whoever_submitted_may_die(home: Path) -> None:
    script = (
        "import time; from pathlib import Path; from cgid.jobs.submit import submit; "
        "from jobs_plugin.steps import CountParams; "
        f"print(submit('test-count', CountParams(Path({str(home / 'out')!r}), items=30, pause=0.1)).id, flush=True); "
        "time.sleep(300)"
    )
    app = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    id = app.stdout.readline().strip()
    until(lambda: (home / "out" / "2.item").exists())
    app.kill()
    app.wait()
    assert store.get(id).status == "running"
    done = ended(id)
    assert (done.status, done.attempt) == ("done", 1)


def test_cancel_leaves_no_process_not_even_in_other_sessions(home: Path) -> None:
    job = submit("test-tree", TreeParams(home / "out"))
    pids = until(lambda: (home / "out" / "pids").exists() and (home / "out" / "pids").read_text().split())
    assert len(pids) == 3 and all(psutil.pid_exists(int(p)) for p in pids)
    assert store.request_cancel(job.id)
    assert ended(job.id).status == "cancelled"
    assert [p for p in processes_of(home) if p.pid in map(int, pids)] == []
    assert processes_of(home, "cgid.jobs.run") == []
    assert not store.request_cancel(job.id)


def test_cancel_while_no_worker_runs_brings_one_to_do_it(home: Path) -> None:
    job = submit("test-tree", TreeParams(home / "out"))
    until(lambda: (home / "out" / "pids").exists())
    [worker] = workers_of(home)
    worker.kill()
    worker.wait()
    assert store.request_cancel(job.id)
    assert ended(job.id).status == "cancelled"
    assert processes_of(home, "time.sleep") == []


def test_recycled_process_number_is_never_killed(home: Path) -> None:
    """The row says a number that by now belongs to somebody else."""
    from cgid.jobs import claims

    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    [(id, _)] = store.enter([work(home, CountParams(home / "out"))])
    claims.claim({"cpu": 1})
    claims.begin(id, 1, bystander.pid, psutil.Process(bystander.pid).create_time() - 100)
    assert store.request_cancel(id)
    assert ended(id).status == "cancelled"
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


def test_600_submits_from_6_processes_give_one_row_per_key(home: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from cgid.jobs import submit as s; "
        "from jobs_plugin.steps import CountParams; s.ensure_supervisor = lambda: None; "
        f"home = Path({str(home)!r}); "
        "print(' '.join(s.submit('test-count', CountParams(home / str(i % 20))).id for i in range(100)))"
    )
    running = [subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) for _ in range(6)]
    answers = [process.communicate(timeout=120)[0].split() for process in running]
    assert [len(a) for a in answers] == [100] * 6
    assert len({tuple(a) for a in answers}) == 1  # everybody was told the same ids
    assert len(store.list_jobs()) == len(set(answers[0])) == 20


def test_a_job_that_submits_does_not_put_its_mark_on_the_worker(home: Path, monkeypatch) -> None:
    monkeypatch.setenv("CGID_JOB", "someone")
    ended(submit("test-count", CountParams(home / "out")).id)
    assert all("CGID_JOB" not in w.environ() for w in workers_of(home))


def work(home: Path, params: CountParams) -> store.Work:
    from cgid.params import canonical

    outputs = (params.output_dir / "finished",)
    return store.Work("test-count", "Count", canonical(params), os.urandom(8).hex(), "cpu", outputs)
