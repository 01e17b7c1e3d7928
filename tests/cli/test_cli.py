"""The command line as a person or a script uses it: commands, flags, exit codes, one line when something is wrong."""

from __future__ import annotations

import dataclasses
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cgid.cli import main
from cgid.cli.steps import params_from
from cgid.jobs.kind import all_kinds
from cgid.params import field_type

# The commands and flags that are fixed, as written in the design.
FIXED = """
demo
data scan --root DIR --output M.csv --source NAME
data clean --manifest M.csv --output M.cleaned.csv
data split --manifest M.cleaned.csv --output-dir DIR --ratios 70 15 15 --seed 2026 --max-per-class 9
features --json
extract --manifest M.csv --output F.parquet --workers 2 --groups a,b --executor dask://HOST:1
train-model-a --train-manifest a --val-manifest b --test-manifest c --external-manifest d --output-dir DIR --arch resnet18
 --epochs 5 --batch-size 16 --image-size 224 --lr 1e-4 --seed 2026 --weights none --resume --device auto
export-model-a-results --run-manifest R.json
export-onnx --run DIR
build-model-b-dataset --manifest a --manifest b --per-class 100 --seed 2026 --require-extension-overlap --output-dir DIR
export-model-b-features --output F.csv --label-map M.csv
create-model-b-label-map --features-csv F.csv --output M.csv --manifest a
train-model-b --features-csv F.csv --output-dir DIR --kind linear --epochs 200 --batch-size 32 --lr 1e-2 --seed 2026
 --exclude-features a b --exclude-prefixes jpeg_ metadata_
audit-model-b-features --features-csv F.csv --output-dir DIR
ablate --features-csv F.csv --output-dir DIR --plan presets --folds 5 --repeats 5
evaluate --run DIR --manifest M.csv --tiers clean,web,hard --output-dir DIR
promote --run DIR
check a.jpg b.jpg --json
jobs list
jobs show ID
jobs cancel ID
jobs logs ID
jobs worker
""".replace("\n ", " ")

KINDS = pytest.mark.parametrize("kind", all_kinds().values(), ids=lambda kind: kind.name)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CGID_HOME", str(tmp_path))
    monkeypatch.delenv("CGID_DATABASE_URL", raising=False)
    monkeypatch.delenv("CGID_DEBUG", raising=False)
    return tmp_path


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cgid.jobs.submit.ensure_supervisor", lambda: None)
    monkeypatch.setattr("cgid.jobs.store._wake", lambda: None)


@pytest.mark.parametrize("line", FIXED.strip().splitlines())
def test_fixed_commands_and_flags_are_understood(line: str) -> None:
    assert callable(main.build_parser().parse_args(shlex.split(line)).execute)


@KINDS
def test_every_kind_has_its_command_with_help_units_and_defaults(kind, capsys: pytest.CaptureFixture) -> None:
    assert main.main([*kind.command, "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for field in dataclasses.fields(kind.params):
        assert "--" + field.name.replace("_", "-") in shown
    assert "--queue" in shown and "--json" in shown


@KINDS
def test_what_is_not_given_keeps_the_default(kind) -> None:
    given = []
    for field in dataclasses.fields(kind.params):
        if field.default is dataclasses.MISSING:
            given += [
                "--" + field.name.replace("_", "-"),
                "x" if field_type(kind.params, field.name)[0] is not int else "1",
            ]
    params = params_from(kind.params, main.build_parser().parse_args([*kind.command, *given]))
    for field in dataclasses.fields(kind.params):
        if field.default is not dataclasses.MISSING:
            assert getattr(params, field.name) == field.default


def test_several_values_and_repeated_flags_add_up() -> None:
    cls = all_kinds()["build-model-b-dataset"].params
    words = shlex.split("build-model-b-dataset --manifest a b --manifest c --output-dir d")
    assert params_from(cls, main.build_parser().parse_args(words)).manifest == (Path("a"), Path("b"), Path("c"))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("data scan --root nowhere --output m.csv", "nowhere is not there"),
        ("data scan --root .", "--output"),
        ("data split --manifest m --output-dir d --seed many", "invalid int value: 'many'"),
        ("train-model-a --lr nan", "not a finite number"),
        ("train-model-b --features-csv f --output-dir d --kind magic", "invalid choice"),
        ("no-such-command", "invalid choice"),
        ("jobs show zzz", "No job has the id 'zzz'"),
        ("data scan --root nowhere --output m.csv --queue", "nowhere is not there"),
        ("demo --count 3", "too few"),
        ("app --port 99999", "not a port"),
    ],
)
def test_bad_input_is_exit_code_2_and_one_clear_line(line: str, words: str, capsys, no_worker) -> None:
    assert main.main(shlex.split(line)) == 2
    out, err = capsys.readouterr()
    assert words in err and err.count("\n") == 1 and "Traceback" not in err and out == ""


def fake_step(monkeypatch: pytest.MonkeyPatch, step) -> list[str]:
    """`promote` with another step behind it; the words that call it."""
    monkeypatch.setattr("cgid.runs.store.promote", step)
    run = Path(os.environ["CGID_HOME"]) / "run"
    run.mkdir()
    (run / "run_manifest.json").write_text("{}")
    return ["promote", "--run", str(run)]


def test_a_step_runs_here_and_its_summary_is_printed(monkeypatch, capsys) -> None:
    words = fake_step(
        monkeypatch, lambda p, report: report(1, 1, "x") or {"summary": "Promoted.", "share": float("nan")}
    )
    assert main.main(words) == 0
    assert capsys.readouterr().out == "Promoted.\n"


def test_json_is_one_document_whatever_the_step_prints(monkeypatch, capfd) -> None:
    def step(params, report):
        print("chatter")
        os.write(1, b"chatter of a library\n")
        report(1, 2, "half")
        return {"summary": "ok", "path": params.run, "share": float("nan")}

    assert main.main([*fake_step(monkeypatch, step), "--json"]) == 0
    answer = json.loads(capfd.readouterr().out)
    assert answer["summary"] == "ok" and answer["share"] is None and Path(answer["path"]).is_absolute()


def test_a_fault_is_exit_code_1_without_traceback_unless_asked(monkeypatch, capsys) -> None:
    def step(params, report):
        raise RuntimeError("shapes differ")

    words = fake_step(monkeypatch, step)
    assert main.main(words) == 1
    assert (
        capsys.readouterr().err == "cgid: a fault inside cgid: RuntimeError: shapes differ (CGID_DEBUG=1 shows where)\n"
    )
    monkeypatch.setenv("CGID_DEBUG", "1")
    with pytest.raises(RuntimeError):
        main.main(words)


def test_ctrl_c_is_exit_code_130_and_one_line(monkeypatch, capsys) -> None:
    def step(params, report):
        raise KeyboardInterrupt

    assert main.main(fake_step(monkeypatch, step)) == 130
    assert capsys.readouterr().err.count("\n") == 1


def test_queue_prints_the_id_and_the_jobs_commands_find_it(no_worker, monkeypatch, capsys) -> None:
    words = fake_step(monkeypatch, None)
    assert main.main([*words, "--queue"]) == 0
    id = capsys.readouterr().out.strip()
    assert main.main([*words, "--queue", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"id": id, "new": False, "status": "queued"}
    assert main.main(["jobs", "list"]) == 0 and id in capsys.readouterr().out
    assert main.main(["jobs", "show", id[:5], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "promote"
    assert main.main(["jobs", "cancel", id]) == 0
    assert main.main(["jobs", "cancel", id]) == 2
    capsys.readouterr()
    assert main.main(["jobs", "list", "--json", "--status", "cancelled"]) == 0
    assert [job["id"] for job in json.loads(capsys.readouterr().out)] == [id]
    assert main.main(["jobs", "retry", id, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["status"] == "queued"
    assert main.main(["jobs", "logs", id, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"id": id, "log": ""}


def test_features_lists_every_group(capsys) -> None:
    from cgid.features.registry import all_groups

    assert main.main(["features", "--json"]) == 0
    assert {g["key"] for g in json.loads(capsys.readouterr().out)} == set(all_groups())
    assert main.main(["features"]) == 0
    assert f"in {len(all_groups())} groups" in capsys.readouterr().out


def test_help_version_and_bare_groups(capsys) -> None:
    assert main.main([]) == 0 and "train-model-a" in capsys.readouterr().out
    assert main.main(["--version"]) == 0 and capsys.readouterr().out.startswith("cgid ")
    assert main.main(["data"]) == 2 and "split" in capsys.readouterr().out


def test_a_reader_that_has_seen_enough_is_no_fault() -> None:
    done = subprocess.run(f"{sys.executable} -m cgid --help | head -c 1", shell=True, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("u", "")


def test_app_is_served_on_this_machine_and_ends_with_ctrl_c(home: Path) -> None:
    import socket
    import urllib.request

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [sys.executable, "-m", "cgid", "app", "--port", str(port)]
    # Who starts tests in the background makes them deaf to Ctrl-C, and what is deaf is inherited.
    hearing = {} if os.name == "nt" else {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)}
    app = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, **hearing)
    try:
        assert f"http://localhost:{port}" in app.stdout.readline()
        end = time.monotonic() + 40
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=1) as answer:
                    assert answer.status == 200
                    break
            except OSError:
                time.sleep(0.2)
        else:
            raise AssertionError("no answer")
        assert main.main(["app", "--port", str(port)]) == 2
        app.send_signal(signal.SIGINT)
        assert app.wait(90) == 0
    finally:
        app.kill()
        app.wait()
