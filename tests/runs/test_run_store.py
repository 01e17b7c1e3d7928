"""The store lists runs, survives damaged ones, and promotes only what is whole."""

import json
import threading

import pytest

from cgid.errors import InputError
from cgid.files import sha256_of, write_json
from cgid.runs import store


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("CGID_HOME", str(tmp_path))
    return tmp_path


def make_run(folder, kind="model_a", created="2026-01-01T00:00:00+00:00"):
    folder.mkdir(parents=True)
    (folder / "weights.pt").write_bytes(folder.name.encode())
    (folder / store.REQUIRED_FILES[kind][0]).write_bytes(b"served")
    weights = {"file": "weights.pt", "sha256": sha256_of(folder / "weights.pt")}
    write_json(folder / "run_manifest.json", {"kind": kind, "created": created, "weights": weights})
    return folder


def test_runs_are_listed_newest_first_and_by_kind(home):
    base = home / "artifacts" / "runs"
    make_run(base / "model_a" / "old", created="2026-01-01T00:00:00+00:00")
    make_run(base / "model_a" / "new", created="2026-02-01T00:00:00+00:00")
    make_run(base / "model_b" / "b", kind="model_b")
    assert [run.id for run in store.runs("model_a")] == ["new", "old"]
    assert {run.id for run in store.runs()} == {"new", "old", "b"}


def test_before_anything_is_trained_there_is_nothing(home):
    assert store.runs() == [] and store.broken_runs() == []
    assert store.current("model_a") is None and store.current_problem("model_a") is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"x"', b'{"kind": "other"}', b"\xff\xfe"])
def test_a_damaged_manifest_is_listed_apart_and_hides_no_other(home, content):
    base = home / "artifacts" / "runs" / "model_a"
    make_run(base / "good")
    (base / "bad").mkdir()
    (base / "bad" / "run_manifest.json").write_bytes(content)
    assert [run.id for run in store.runs("model_a")] == ["good"]
    (broken,) = store.broken_runs("model_a")
    assert broken.folder.name == "bad" and "run_manifest.json" in broken.reason
    with pytest.raises(InputError):
        store.set_current(base / "bad")


def test_promoting_names_the_run_relative_to_artifacts(home):
    store.set_current(make_run(home / "artifacts" / "runs" / "model_a" / "one"))
    store.set_current(make_run(home / "artifacts" / "runs" / "model_b" / "two", kind="model_b"))
    named = json.loads((home / "artifacts" / "current.json").read_text())
    assert named == {"model_a": "runs/model_a/one", "model_b": "runs/model_b/two"}
    assert store.current("model_a").id == "one"


def test_a_run_elsewhere_can_be_current_and_is_listed(home, tmp_path_factory):
    folder = make_run(tmp_path_factory.mktemp("elsewhere") / "far")
    store.set_current(folder)
    assert store.current("model_a").folder == folder
    assert [run.id for run in store.runs("model_a")] == ["far"]


def test_changed_weights_are_refused_and_the_current_run_stays(home):
    base = home / "artifacts" / "runs" / "model_a"
    store.set_current(make_run(base / "good"))
    bad = make_run(base / "bad")
    (bad / "weights.pt").write_bytes(b"other")
    with pytest.raises(InputError, match="changed after training"):
        store.set_current(bad)
    assert store.current("model_a").id == "good"


def test_weights_outside_the_run_folder_are_refused(home):
    run = make_run(home / "artifacts" / "runs" / "model_a" / "sly")
    secret = home / "secret"
    secret.write_bytes(b"x")
    write_json(
        run / "run_manifest.json",
        {"kind": "model_a", "weights": {"file": "../../../../secret", "sha256": sha256_of(secret)}},
    )
    with pytest.raises(InputError, match="lacks"):
        store.set_current(run)


def test_a_model_a_without_its_exported_network_is_refused_with_the_remedy(home):
    run = make_run(home / "artifacts" / "runs" / "model_a" / "bare")
    (run / "model.onnx").unlink()
    with pytest.raises(InputError, match="export-onnx"):
        store.set_current(run)


def test_a_folder_that_is_no_run_is_refused(home):
    with pytest.raises(InputError, match="not the folder of a finished run"):
        store.set_current(home)


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"model_a": 3}'])
def test_a_damaged_current_file_is_survived_and_repaired_by_promoting(home, content):
    run = make_run(home / "artifacts" / "runs" / "model_a" / "one")
    store.current_file().write_text(content)
    assert store.current("model_a") is None
    store.set_current(run)
    assert store.current("model_a").id == "one"


def test_a_current_run_that_is_gone_is_told_in_words(home):
    run = make_run(home / "artifacts" / "runs" / "model_a" / "one")
    store.set_current(run)
    (run / "run_manifest.json").unlink()
    assert store.current("model_a") is None
    assert "cannot be used" in store.current_problem("model_a")


def test_two_promotions_at_once_both_count(home):
    a = make_run(home / "artifacts" / "runs" / "model_a" / "a")
    b = make_run(home / "artifacts" / "runs" / "model_b" / "b", kind="model_b")
    for _ in range(5):
        store.current_file().unlink(missing_ok=True)
        threads = [threading.Thread(target=store.set_current, args=(run,)) for run in (a, b)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert store.current("model_a").id == "a" and store.current("model_b").id == "b"
