"""A command for each kind of job: its flags are the fields of the kind's parameters."""

from __future__ import annotations

import argparse
import dataclasses
import math
from pathlib import Path
from typing import Any

from cgid.cli.command import DONE, Command, add_json
from cgid.cli.lists import add_list
from cgid.cli.output import print_json, quiet_stdout
from cgid.errors import InputError
from cgid.jobs.kind import JobKind
from cgid.params import canonical, field_type, restore
from cgid.progress import Console


def command_of(kind: JobKind) -> Command:
    """`--queue` sends the step to the background; without it the step runs here with a progress bar."""
    return Command(
        path=kind.command,
        help=kind.help,
        arguments=lambda parser: add_flags(parser, kind.params),
        run=lambda args: run(kind, args),
        aliases=kind.aliases,
    )


def run(kind: JobKind, args: argparse.Namespace) -> int:
    params = params_from(kind.params, args)
    if args.queue:
        return _queue(kind, params, args.json)
    params = restore(kind.params, canonical(params))  # absolute paths, the same as in the background
    for path in kind.inputs(params):
        if not path.exists():
            raise InputError(f"{kind.title}: {path} is not there; check the path, or make it first.")
    console = Console(kind.title)
    try:
        with quiet_stdout(args.json):
            result = kind.function()(params, console)
    finally:
        console.close()
    if args.json:
        print_json(result)
    else:
        print(result.get("summary", "Done."))
        if table := result.get("table_text"):
            print(f"\n{table}")
    return DONE


def params_from(cls: type, args: argparse.Namespace) -> Any:
    """The parameters from parsed flags; a flag that was not given leaves its field at the default."""
    values = {}
    for field in dataclasses.fields(cls):
        value = getattr(args, field.name)
        if isinstance(value, list):
            value = ",".join(value) if field.metadata["comma_list"] else tuple(value)
        if value is not None:
            values[field.name] = value
    return cls(**values)


def _queue(kind: JobKind, params: Any, as_json: bool) -> int:
    from cgid.jobs.store import get
    from cgid.jobs.submit import submit

    submitted = submit(kind.name, params)
    if as_json:
        job = get(submitted.id)
        print_json({"id": submitted.id, "new": submitted.new, "status": job.status if job else "gone"})
    else:
        print(submitted.id)
    return DONE


def add_flags(parser: argparse.ArgumentParser, cls: type) -> None:
    """A flag for each field of the parameters, then --queue and --json."""
    for field in dataclasses.fields(cls):
        _add_flag(parser, cls, field)
    parser.add_argument("--queue", action="store_true", help="run it in the background and print the job's id")
    add_json(parser)


def _add_flag(parser: argparse.ArgumentParser, cls: type, field: dataclasses.Field) -> None:
    kind, several, _ = field_type(cls, field.name)
    flags = dict.fromkeys([field.metadata["flag"] or field.name, field.name])
    names = ["--" + flag.replace("_", "-") for flag in flags]
    help = field.metadata["help"].replace("%", "%%")
    if kind is bool:
        action = argparse.BooleanOptionalAction if field.default is True else "store_true"
        parser.add_argument(*names, action=action, dest=field.name, default=None, help=help)
        return
    more: dict[str, Any] = {"dest": field.name, "required": field.default is dataclasses.MISSING, "default": None}
    if field.metadata["choices"]:
        more["choices"] = field.metadata["choices"]
    else:
        more["metavar"] = {Path: "PATH", int: "N", float: "X"}.get(kind, "TEXT")
    more["help"] = help + _default(field.default, field.metadata["comma_list"])
    if several or field.metadata["comma_list"]:
        add_list(parser, *names, item=_reader(kind), **more)
    else:
        parser.add_argument(*names, type=_reader(kind), **more)


def _default(value: Any, comma_list: bool) -> str:
    if value is dataclasses.MISSING:
        return " (required)"
    if value is None or value == "" or value == ():
        return ""
    if comma_list:
        value = tuple(value.split(","))
    text = (
        " ".join(map(str, value)) if isinstance(value, tuple) else f"{value:g}" if isinstance(value, float) else value
    )
    return f" (default: {text})".replace("%", "%%")


def _reader(kind: type) -> Any:
    return _finite if kind is float else kind


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"{text!r} is not a finite number")
    return value
