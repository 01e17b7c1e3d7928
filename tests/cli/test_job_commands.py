"""`cgid demo` and `cgid check` against steps and answers of our own making."""

from __future__ import annotations

import json
import types
from pathlib import Path

import pytest

from cgid.cli import main
from cgid.jobs import store as jobs_store
from cgid.jobs.submit import Step
from cgid.pipelines import demo
from cgid.records import store
from jobs_plugin.steps import CountParams, FailParams


def test_demo_watches_the_chain_to_its_end_and_again_finds_it_done(home: Path, monkeypatch, capsys) -> None:
    steps = [
        Step("test-count", CountParams(home / "a")),
        Step("test-count", CountParams(home / "b", source=home / "a" / "finished"), (0,)),
    ]
    monkeypatch.setattr(demo, "chain", lambda count: steps)
    assert main.main(["demo"]) == 0
    out = capsys.readouterr().out
    assert "[1/2] Count: done in" in out and "[2/2] Count: done in" in out and "The demo is ready" in out
    assert main.main(["demo", "--json"]) == 0
    shown = capsys.readouterr()
    answer = json.loads(shown.out)
    assert shown.err.count("already done") == 2
    assert answer["ok"] and [job["status"] for job in answer["jobs"]] == ["done", "done"]
    assert {job.attempt for job in jobs_store.list_jobs()} == {1}


def test_demo_with_a_step_that_fails_is_exit_code_1(home: Path, monkeypatch, capsys) -> None:
    steps = [Step("test-fail", FailParams("input", home / "x")), Step("test-count", CountParams(home / "b"), (0,))]
    monkeypatch.setattr(demo, "chain", lambda count: steps)
    assert main.main(["demo"]) == 1
    out = capsys.readouterr().out
    assert "line 17: label `fake1`" in out and "2 of 2 steps did not succeed" in out


def test_demo_interrupted_goes_on_in_the_background_and_says_so(home: Path, monkeypatch, capsys) -> None:
    def interrupted(ids, out):
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "chain", lambda count: [Step("test-count", CountParams(home / "a"))])
    monkeypatch.setattr("cgid.cli.commands.demo.watch", interrupted)
    assert main.main(["demo"]) == 130
    assert "goes on in the background" in capsys.readouterr().err
    assert jobs_store.any_live()


@pytest.fixture
def answers(home: Path, monkeypatch) -> None:
    """Stands for the check: files named bad* are unreadable."""

    def check(path: Path, *_more: object, **_named: object):
        bad = path.name.startswith("bad")
        answer = {
            "file": str(path),
            "sha256": None if bad else "ab" * 32,
            "verdict": "unreadable" if bad else "declared_ai",
            "reason": "" if bad else "The file says so.",
            "probability_ai": None,
            "rules": {} if bad else {"fired": [{"key": "x", "reason": "A generator signed it."}]},
            "error": f"{path.name} is empty." if bad else None,
        }
        return types.SimpleNamespace(to_json=lambda: answer)

    monkeypatch.setattr("cgid.forensics.check.check", check)


def test_check_tells_the_verdict_with_its_reasons_and_keeps_a_record(answers, capsys) -> None:
    assert main.main(["check", "a.jpg", "bad.jpg"]) == 0
    out = capsys.readouterr().out
    assert "a.jpg: declared AI by its own data" in out and "A generator signed it." in out
    assert "bad.jpg: cannot be read" in out and "bad.jpg is empty." in out
    assert [r["verdict"] for r in store.analyses()] == ["unreadable", "declared_ai"]


def test_check_json_is_one_list_and_all_unreadable_is_exit_code_2(answers, capsys) -> None:
    assert main.main(["check", "bad1.jpg", "bad2.jpg", "--json", "--no-record"]) == 2
    assert [a["verdict"] for a in json.loads(capsys.readouterr().out)] == ["unreadable"] * 2
    assert store.analyses() == []


def test_a_database_that_cannot_be_used_costs_the_record_not_the_answer(answers, monkeypatch, capsys) -> None:
    monkeypatch.setenv("CGID_DATABASE_URL", "nonsense")
    assert main.main(["check", "a.jpg"]) == 0
    shown = capsys.readouterr()
    assert "declared AI" in shown.out and "not recorded" in shown.err
