"""The same work is one row; other work never is; a chain is named by what makes its inputs."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from cgid.errors import InputError
from cgid.jobs import claims, store
from cgid.jobs import submit as submission
from cgid.jobs.kind import all_kinds
from cgid.jobs.submit import Step, submit, submit_chain
from cgid.params import restore
from jobs_plugin.steps import CountParams, FailParams
from jobs_plugin.watch import chain, ended, finish


def test_same_work_is_the_same_row_while_queued_running_and_done(no_worker: Path) -> None:
    first = submit("test-count", CountParams(no_worker / "out"))
    assert first.new
    assert submit("test-count", CountParams(no_worker / "out")) == submission.Submitted(first.id, False)
    finish(first.id)
    assert submit("test-count", CountParams(no_worker / "out")) == submission.Submitted(first.id, False)
    assert submit("test-count", CountParams(no_worker / "out", items=6)).id != first.id


def test_done_but_output_deleted_runs_again(home: Path) -> None:
    first = submit("test-count", CountParams(home / "out", text="hello"))
    assert ended(first.id).result["items"] == 5
    (home / "out" / "finished").unlink()
    again = submit("test-count", CountParams(home / "out", text="hello"))
    assert again == submission.Submitted(first.id, True)
    assert ended(again.id).status == "done"
    assert (home / "out" / "finished").read_text() == "hello"
    assert len(store.list_jobs()) == 1


def test_a_changed_input_is_other_work(no_worker: Path) -> None:
    source = no_worker / "source.csv"
    source.write_text("a")
    first = submit("test-count", CountParams(no_worker / "out", source=source))
    source.write_text("b")
    assert submit("test-count", CountParams(no_worker / "out", source=source)).id != first.id
    source.write_text("a")
    assert submit("test-count", CountParams(no_worker / "out", source=source)).id == first.id


def test_a_folder_counts_by_its_files_but_not_by_what_the_job_writes_into_it(no_worker: Path) -> None:
    folder = no_worker / "folder"
    (folder / "below").mkdir(parents=True)
    (folder / "below" / "a.jpg").write_text("a")
    first = submit("test-count", CountParams(folder, source=folder))
    (folder / "finished").write_text("the job's own output")
    assert submit("test-count", CountParams(folder, source=folder)).id == first.id
    (folder / "below" / "b.jpg").write_text("b")
    assert submit("test-count", CountParams(folder, source=folder)).id != first.id


def test_a_changed_image_is_other_work_though_the_manifest_is_the_same(no_worker: Path) -> None:
    (no_worker / "a.jpg").write_text("a")
    (no_worker / "m.csv").write_text("filepath,label,source,generator,split\na.jpg,real,x,,\nC:\\gone.jpg,ai,x,,\n")
    params = all_kinds()["data-clean"].params(no_worker / "m.csv", no_worker / "clean.csv")
    first = submit("data-clean", params)
    assert not submit("data-clean", params).new
    (no_worker / "a.jpg").write_text("another picture")
    assert submit("data-clean", params).id != first.id


def test_missing_input_is_one_clear_sentence_and_enters_nothing(no_worker: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.csv is not there"):
        submit("test-count", CountParams(no_worker / "out", source=no_worker / "gone.csv"))
    with pytest.raises(InputError, match=r"gone\.csv is not there"):
        submit_chain(
            [
                Step("test-count", CountParams(no_worker / "out")),
                Step("test-count", CountParams(no_worker / "other", source=no_worker / "gone.csv"), (0,)),
            ]
        )
    assert store.list_jobs() == []


def test_a_chain_runs_in_order_and_again_gives_the_done_rows(home: Path) -> None:
    ids = submit_chain(chain(home))
    done = [ended(id) for id in ids]
    assert [job.status for job in done] == ["done"] * 3
    assert done[0].finished <= done[1].started and done[1].finished <= done[2].started
    assert submit_chain(chain(home)) == ids
    assert {job.attempt for job in store.list_jobs()} == {1}


def test_a_later_step_is_named_by_the_job_that_makes_its_input_not_by_what_lies_there(no_worker: Path) -> None:
    first = submit_chain(chain(no_worker))
    (no_worker / "a").mkdir()
    (no_worker / "a" / "finished").write_text("left over from long ago")
    assert submit_chain(chain(no_worker)) == first
    other = submit_chain(chain(no_worker, text="other"))
    assert not set(other) & set(first)


def test_submit_after_a_job_takes_its_outputs_as_inputs(no_worker: Path) -> None:
    a = submit("test-count", CountParams(no_worker / "a"))
    b = submit("test-count", CountParams(no_worker / "b", source=no_worker / "a" / "finished"), after=[a.id])
    c = submit("test-count", CountParams(no_worker / "c", source=no_worker / "a" / "finished"), after=[b.id])
    assert store.get(c.id).after == (b.id,)
    assert claims.claim({"cpu": 9}).id == a.id
    assert claims.claim({"cpu": 9}) is None  # the others wait


def test_what_waits_for_a_failed_job_fails_with_a_sentence_down_the_chain(home: Path) -> None:
    bad = submit("test-fail", FailParams("input", home / "x"))
    b = submit("test-count", CountParams(home / "b"), after=[bad.id])
    c = submit("test-count", CountParams(home / "c"), after=[b.id])
    failed = ended(bad.id)
    assert failed.error == "M.csv line 17: label `fake1` is not one of real, ai"
    assert (failed.error_code, failed.suggestion) == ("unknown_label", {"label": "ai"})
    assert ended(b.id).error == f"It waits for “Fail” ({bad.id}), which failed."
    assert ended(c.id).error == f"It waits for “Count” ({b.id}), which failed."
    assert not (home / "b").exists()


def test_work_that_depends_on_more_than_its_inputs_is_never_taken_from_the_cache(no_worker: Path) -> None:
    run = no_worker / "run"
    run.mkdir()
    (run / "run_manifest.json").write_text("{}")
    params = all_kinds()["promote"].params(run=run)
    first = submit("promote", params)
    assert not submit("promote", params).new
    finish(first.id)
    assert submit("promote", params) == submission.Submitted(first.id, True)


def test_work_whose_files_other_work_wrote_over_counts_no_more(no_worker: Path) -> None:
    small = submit("test-count", CountParams(no_worker / "out", items=1))
    finish(small.id)
    large = submit("test-count", CountParams(no_worker / "out", items=2))
    finish(large.id)
    again = submit("test-count", CountParams(no_worker / "out", items=1))
    assert again.new and again.id not in (small.id, large.id)
    assert store.get(small.id).status == "done"  # what happened stays to be seen


def test_unknown_kind_and_wrong_parameters_are_refused(no_worker: Path) -> None:
    with pytest.raises(InputError, match="No kind of job is called 'nonsense'"):
        submit("nonsense", CountParams(no_worker))
    with pytest.raises(InputError, match="test-count takes CountParams"):
        submit("test-count", FailParams("x", no_worker))
    with pytest.raises(InputError, match="No job has the id"):
        submit("test-count", CountParams(no_worker), after=["nobody"])
    with pytest.raises(InputError):
        submit("test-count", CountParams(no_worker, pause=math.nan))
    with pytest.raises(InputError):
        submit("test-count", CountParams(no_worker, source=Path("a\0b")))


@given(text=st.text(), words=st.lists(st.text(), max_size=3), name=st.text(min_size=1, max_size=20))
@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_survives_the_row(no_worker: Path, text: str, words: list[str], name: str) -> None:
    safe = name.replace("\0", "0").replace("/", "_")
    params = CountParams(no_worker / safe, text=text, words=tuple(words))
    job = store.get(submit("test-count", params).id)
    assert restore(CountParams, job.params) == params
    assert json.loads(json.dumps(job.params)) == job.params


def test_hostile_text_reaches_the_step_unharmed(home: Path) -> None:
    text = "'; DROP TABLE jobs; -- \" $(rm -rf /) \n\t\u202e\u0000 ü 🙂 \udcff"
    job = ended(submit("test-count", CountParams(home / "ü ' \" $x", text=text)).id)
    assert job.status == "done", job.error
    written = (home / "ü ' \" $x" / "finished").read_text(encoding="utf-8", errors="surrogateescape")
    assert written == text
    assert job.result["nan"] is None
