"""Every command under each of its names: the same flags, the same values, the same step."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

from cgid.cli import main
from cgid.cli.lists import ListAction
from cgid.cli.parser import Parser
from cgid.jobs.kind import all_kinds

PAGE = Path(__file__).resolve().parents[2] / "docs" / "command-line.md"

# The commands of version 0.1 before they were grouped: name = name in its group | flags. All of this goes on working.
BEFORE = """
ablate = ablate | --features-csv --output-dir --plan --folds --repeats --seed --models --workers --executor --queue
 --json
app = app | --port
audit-model-b-features = audit | --features-csv --output-dir --bootstrap --seed --manifest --queue --json
average-runs = model-a average | --run --output-dir --queue --json
build-model-b-dataset = model-b build-dataset | --manifest --output-dir --per-class --seed --require-extension-overlap
 --min-unique-extensions-per-class --workers --queue --json
check = check | --no-record --model-a --model-b --stability --json
check-folder = check-folder | --root --output-dir --workers --model-a --model-b --record --no-record --queue --json
compare-runs = runs compare | --run --output-dir --split --bootstrap --seed --queue --json
create-model-b-label-map = model-b label-map | --features-csv --output --manifest --queue --json
data clean = data clean | --manifest --output --workers --queue --json
data import-zip = data import-zip | --archive --output-dir --output --source --queue --json
data prepare = data prepare | --root --output-dir --layout --source --hold-out --max-per-class --max-per-generator
 --balance --no-balance --val-percent --seed --workers --queue --json
data scan = data scan | --root --output --source --queue --json
data split = data split | --manifest --output-dir --ratios --seed --max-per-class --balance --keep-splits --queue
 --json
data treat = data match-formats | --manifest --output-dir --treatment --quality --size --pad --no-pad --seed --workers
 --queue --json
demo = demo | --count --json
demo-data = demo data | --output-dir --count --size --seed --queue --json
estimate-training = model-a estimate | --train-manifest --val-manifest --test-manifest --output-dir
 --external-manifest --arch --input --stem --epochs --batch-size --image-size --fit --resize-to --lr --seed --weights
 --cross-fit --jpeg-augment --augment --label-smoothing --balance --patience --early-stop-source --gate --device
 --processes --workers --resume --queue --json
evaluate = model-a evaluate | --run --manifest --output-dir --tiers --queue --json
export-model-a-results = model-a export-results | --run-manifest --queue --json
export-model-b-features = model-b export-features | --output --label-map --queue --json
export-onnx = model-a export-onnx | --run --variants --queue --json
extract = features extract | --manifest --output --workers --groups --executor --model-a --send-files --queue --json
features = features list | --groups --find --json
file = file | --levels --json
import-detector = external import-detector | --onnx --sidecar --val-manifest --test-manifest --output-dir
 --external-manifest --name --queue --json
import-predictions = external import-predictions | --predictions --manifest --output-dir --name --score --queue --json
inspect = inspect | --list --filter --set --like --all --at --side --output --json
jobs cancel = jobs cancel | --json
jobs list = jobs list | --status --limit --json
jobs logs = jobs logs | --json
jobs retry = jobs retry | --json
jobs show = jobs show | --json
jobs worker = jobs worker | --idle --json
leave-one-source-out = model-a leave-one-source-out | --manifest --output-dir --tiers --seeds --seed --arch --input
 --stem --fit --image-size --epochs --batch-size --lr --augment --jpeg-augment --balance --label-smoothing --weights
 --patience --early-stop-source --device --workers --queue --json
model-card = runs model-card | --run --queue --json
promote = runs promote | --run --queue --json
records delete = records delete | --all --json
records list = records list | --search --verdict --since --until --newest --limit --offset --json
records note = records note | --json
report = report | --format --output --json
robustness = robustness | --run --manifest --images --seed --queue --json
train-model-a = model-a train | --train-manifest --val-manifest --test-manifest --output-dir --external-manifest
 --arch --input --stem --epochs --batch-size --image-size --fit --resize-to --lr --seed --weights --cross-fit
 --jpeg-augment --augment --label-smoothing --balance --patience --early-stop-source --gate --device --processes
 --workers --resume --queue --json
train-model-b = model-b train | --features-csv --output-dir --kind --epochs --batch-size --lr --cv --seed
 --external-features --exclude-features --exclude-prefixes --gate --queue --json
train-robust = model-a train-robust | --train-manifest --val-manifest --test-manifest --output-dir --external-manifest
 --seeds --seed --arch --input --stem --fit --image-size --epochs --batch-size --lr --augment --balance
 --label-smoothing --weights --patience --early-stop-source --cross-fit --gate --device --workers --queue --json
treatment-report = format-matching report | --study --treatments --model-a --queue --json
treatment-study = format-matching run | --manifest --output-dir --treatments --quality --size --model-b --model-a
 --seed --queue --json
worst-errors = runs worst-errors | --run --split --images --grid --queue --json
""".replace("\n ", " ")
TABLE = [re.fullmatch(r"(.+) = (.+) \|(.*)", line).groups() for line in BEFORE.strip().splitlines()]
STEPS = {"audit-model-b-features": "audit"}  # every other job kind is named as its command was

ROWS = [(before.split(), now.split(), flags.split()) for before, now, flags in TABLE]
COMMANDS = pytest.mark.parametrize(("before", "now", "flags"), ROWS, ids=[before for before, _, _ in TABLE])
JOBS = [
    (before, now, flags, step)
    for before, now, flags in ROWS
    if (step := STEPS.get(before[0], "-".join(before))) in all_kinds()
]
RENAMED = [(before, now) for before, now, _ in TABLE if before != now]


def parser_of(path: list[str]) -> Parser:
    parser = main.build_parser()
    for name in path:
        [action] = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
        parser = action.choices[name]
        parser.complete()
    return parser


def sample(parser: Parser, flags: list[str]) -> list[str]:
    """Arguments with a value for every one of the flags, and for the positionals."""
    arguments = []
    actions = parser._option_string_actions
    for flag in flags:
        action = actions[flag]
        choices = action.allowed if isinstance(action, ListAction) else action.choices
        value = str(choices[0]) if choices else "2026-11-01" if action.metavar == "DATE" else "1"
        count = 0 if action.nargs == 0 else action.nargs if isinstance(action.nargs, int) else 1
        arguments += [flag, *[value] * count]
    positionals = [a for a in parser._actions if not a.option_strings and not isinstance(a, argparse._SubParsersAction)]
    return ["1"] * len(positionals) + arguments


def test_all_commands_of_before_are_here() -> None:
    assert len(TABLE) == 48


@COMMANDS
def test_each_name_takes_the_same_flags(before, now, flags) -> None:
    assert set(flags) <= set(parser_of(before)._option_string_actions)
    assert set(parser_of(before)._option_string_actions) == set(parser_of(now)._option_string_actions)


@COMMANDS
def test_each_name_reads_the_same_values_for_the_same_function(before, now, flags) -> None:
    parser = main.build_parser()
    arguments = sample(parser_of(before), flags)
    parsed = [vars(parser.parse_args([*path, *arguments])) for path in (before, now)]
    assert parsed[0] == parsed[1] and callable(parsed[0]["execute"])
    given = {name: value for name, value in parsed[0].items() if value not in (None, [], "")}
    assert len(given) > len(flags) - 2  # --balance and --no-balance are one value


@pytest.mark.parametrize(("before", "now", "flags", "step"), JOBS, ids=[step for *_, step in JOBS])
def test_each_name_runs_the_same_step(before, now, flags, step, monkeypatch) -> None:
    started = []
    monkeypatch.setattr("cgid.cli.steps.run", lambda kind, args: started.append(kind) or 0)
    arguments = sample(parser_of(before), flags)
    assert main.main([*before, *arguments]) == main.main([*now, *arguments]) == 0
    assert [kind.name for kind in started] == [step, step]


def test_every_job_kind_of_cgid_is_among_them() -> None:
    assert {step for *_, step in JOBS} == {name for name in all_kinds() if not name.startswith("test-")}


@pytest.mark.parametrize(("before", "now"), RENAMED)
def test_another_name_is_named_in_the_help_but_not_listed(before, now, capsys) -> None:
    assert main.main([*now.split(), "--help"]) == 0
    assert f"`cgid {before}`" in " ".join(capsys.readouterr().out.split())
    assert main.main([*before.split(), "--help"]) == 0
    assert f"The same as `cgid {now}`." in " ".join(capsys.readouterr().out.split())
    assert main.main(["--help"]) == 0
    listed, _, others = capsys.readouterr().out.partition("Other names of the same commands:")
    assert f"{before} ({now})" in " ".join(others.split()) or now.startswith(f"{before} ")
    assert not re.search(rf"^    {re.escape(before)}( |$)", listed, re.M) or now.startswith(f"{before} ")


@pytest.mark.parametrize(("before", "now"), RENAMED)
def test_another_name_is_in_the_documentation(before, now) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert f"| `cgid {now}` | `cgid {before}` |" in page


def test_a_name_that_is_nearly_right_is_suggested(capsys) -> None:
    assert main.main(["model-a", "trian"]) == 2
    assert "did you mean 'train'?" in capsys.readouterr().err
    assert main.main(["runs", "zzz"]) == 2
    assert "choose from promote, compare" in capsys.readouterr().err


def test_a_group_without_a_command_shows_its_help(capsys) -> None:
    assert main.main(["model-a"]) == 2
    out = capsys.readouterr().out
    assert "train-robust" in out and "the same flags" in out


def test_flags_before_a_subcommand_are_refused_not_lost(capsys) -> None:
    assert main.main(["features", "--json", "list"]) == 2
    assert "--json belongs behind 'list'" in capsys.readouterr().err


def test_two_commands_of_one_name_are_refused(monkeypatch, capsys) -> None:
    double = main.all_commands()
    monkeypatch.setattr(main, "all_commands", lambda: [*double, double[0]])
    assert main.main(["--help"]) == 2
    assert "Two commands are called" in capsys.readouterr().err
