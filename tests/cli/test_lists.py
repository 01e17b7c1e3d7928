"""Lists on the command line: blanks, commas and repeated flags mean the same, whatever the flag."""

from __future__ import annotations

import dataclasses
import json
import shlex
from pathlib import Path

import pytest

from cgid.cli import main
from cgid.cli.lists import split
from cgid.cli.steps import params_from
from cgid.jobs.kind import all_kinds
from cgid.params import canonical, field_type

LISTS = [
    pytest.param(kind, field, id=f"{kind.name} {field.name}")
    for kind in all_kinds().values()
    for field in dataclasses.fields(kind.params)
    if field_type(kind.params, field.name)[1] or field.metadata["comma_list"]
]


def required(cls: type, but: str) -> list[str]:
    """Flags that have no default, each with a value."""
    arguments = []
    for field in dataclasses.fields(cls):
        if field.default is dataclasses.MISSING and field.name != but:
            arguments += ["--" + field.name.replace("_", "-"), "1"]
    return arguments


@pytest.mark.parametrize(("kind", "field"), LISTS)
def test_blanks_commas_and_repeated_flags_are_the_same_job(kind, field) -> None:
    flag = "--" + field.name.replace("_", "-")
    forms = ([flag, "1", "2"], [flag, "1,2"], [flag, "1,", "2"], [flag, "1 , 2"], [flag, "1", flag, "2"])
    parse = main.build_parser().parse_args
    rows = [
        canonical(params_from(kind.params, parse([*kind.command, *required(kind.params, field.name), *form])))
        for form in forms
    ]
    assert all(row == rows[0] for row in rows)
    assert len(rows[0][field.name] if isinstance(rows[0][field.name], list) else rows[0][field.name].split(",")) == 2


def params(line: str):
    name, *words = shlex.split(line)
    kind = all_kinds()[name]
    return params_from(kind.params, main.build_parser().parse_args([*kind.command, *words]))


def test_a_list_with_commas_keeps_the_value_that_jobs_are_known_by() -> None:
    line = "evaluate --run r --manifest m --output-dir d --tiers"
    assert params(f"{line} clean,web,hard").tiers == params(f"{line} clean web hard").tiers == "clean,web,hard"
    assert params("extract --manifest m --output f --groups noise ela").groups == "noise,ela"
    assert params('extract --manifest m --output f --groups ""').groups == ""
    assert params("data-split --manifest m --output-dir d --ratios 80,10,10").ratios == (80, 10, 10)
    assert params("train-model-b --features f --output-dir d --exclude-prefixes jpeg_,c2pa_").exclude_prefixes == (
        "jpeg_",
        "c2pa_",
    )


def test_a_file_that_is_there_keeps_its_commas(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a,b.csv").touch()
    assert split("a,b.csv", path=True) == ["a,b.csv"]
    assert split("a,c.csv", path=True) == ["a", "c.csv"]
    line = "build-model-b-dataset --output-dir d --manifest a,b.csv c.csv"
    assert params(line).manifest == (Path("a,b.csv"), Path("c.csv"))


def test_features_is_the_flag_of_a_table_under_either_name() -> None:
    kinds = [k for k in all_kinds().values() if "features_csv" in {f.name for f in dataclasses.fields(k.params)}]
    assert len(kinds) == 4
    for kind in kinds:
        flags = required(kind.params, "features_csv")
        for flag in ("--features", "--features-csv"):
            args = main.build_parser().parse_args([*kind.command, *flags, flag, "t.csv"])
            assert params_from(kind.params, args).features_csv == Path("t.csv")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("data split --manifest m --output-dir d --ratios 70,x,15", "invalid int value: 'x'"),
        ("data split --manifest m --output-dir d --ratios ,", "expected at least one value"),
        ("jobs list --status done,gone", "invalid choice: 'gone'"),
        ("records list --verdict likely_ai,maybe", "invalid choice: 'maybe'"),
        ("records delete 1,two", "invalid int value: 'two'"),
        ("features --groups noise,nope", "nope"),
        ("model-a average --run --output-dir d", "expected at least one argument"),
    ],
)
def test_a_wrong_value_in_a_list_is_exit_code_2_and_one_line(line: str, message: str, capsys) -> None:
    assert main.main(shlex.split(line)) == 2
    out, err = capsys.readouterr()
    assert message in err and err.count("\n") == 1 and out == ""


def test_commands_that_are_no_steps_read_lists_alike(capsys) -> None:
    parse = main.build_parser().parse_args
    assert parse(["jobs", "list", "--status", "done,failed"]).status == ["done", "failed"]
    assert parse(["records", "list", "--verdict", "likely_ai", "unreadable"]).verdict == ["likely_ai", "unreadable"]
    assert parse(["records", "delete", "1,2", "3"]).ids == [1, 2, 3] and parse(["records", "delete", "--all"]).ids == []
    for groups in (["noise", "ela"], ["noise,ela"]):
        assert main.main(["features", "--json", "--groups", *groups]) == 0
        assert {group["key"] for group in json.loads(capsys.readouterr().out)} == {"noise", "ela"}
