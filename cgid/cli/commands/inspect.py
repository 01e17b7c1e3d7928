"""`cgid inspect IMAGE --filter NAME`: one filter of the inspector, or all of them, as files."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cgid.cli.command import DONE, Command, add_json
from cgid.cli.output import print_json
from cgid.errors import InputError

if TYPE_CHECKING:
    from cgid.inspector.filter import Filter, Parameter
    from cgid.inspector.view import View


def _run(args: argparse.Namespace) -> int:
    if args.list:
        return _print_filters(args)
    if args.image is None:
        raise InputError("Name an image, or use --list to see the filters.")
    if sum(map(bool, (args.filter, args.like, args.all))) != 1:
        raise InputError("Choose one of --filter NAME, --like MAP.png and --all.")
    if args.output is None:
        raise InputError("Name the file to write with --output.")
    try:
        return _write_all(args) if args.all else _write_one(args)
    except OSError as error:
        raise InputError(f"{args.output} cannot be written: {error.strerror or error}.") from error


def _print_filters(args: argparse.Namespace) -> int:
    from cgid.inspector.filter import all_filters

    filters = list(all_filters().values())
    if args.json:
        print_json([_record(filter) for filter in filters])
        return DONE
    category = ""
    for filter in filters:
        if filter.category != category:
            category = filter.category
            print(f"{category}:")
        print(f"  {filter.name:<22} {filter.title}. {filter.shows}")
        for parameter in filter.parameters:
            print(f"      {_range(parameter)}")
    return DONE


def _record(filter: Filter) -> dict[str, Any]:
    return {
        "name": filter.name,
        "title": filter.title,
        "shelf": filter.category,
        "shows": filter.shows,
        "read": filter.read,
        "cannot": filter.cannot,
        "cite": filter.cite,
        "version": filter.version,
        "parameters": {parameter.name: _range(parameter) for parameter in filter.parameters},
    }


def _range(p: Parameter) -> str:
    from cgid.inspector.filter import Choice, Span

    if isinstance(p, Choice):
        return f"--set {p.name}={p.start}   {p.title}: {', '.join(p.options)}"
    start = f"{p.start[0]:g},{p.start[1]:g}" if isinstance(p, Span) else f"{p.start:g}"
    return f"--set {p.name}={start}   {p.title}: {p.low:g} to {p.high:g} {p.unit}".rstrip()


def _view(args: argparse.Namespace) -> View:
    from cgid.imaging.image_file import ImageFile
    from cgid.inspector.view import View

    image = ImageFile.open(args.image)
    x, y = args.at
    if not (0 <= x <= 1 and 0 <= y <= 1):
        raise InputError("--at takes two fractions from 0 to 1: from the left and from the top edge.")
    if args.side < 0:
        raise InputError("--side is a number of pixels, or 0 for the whole image.")
    return View.at(image, x, y, args.side or None)


def _write_one(args: argparse.Namespace) -> int:
    from cgid.files import write_bytes
    from cgid.imaging.image_file import ImageFile
    from cgid.inspector import export
    from cgid.inspector.filter import all_filters

    if args.like:
        if args.set:
            raise InputError("--like takes its values from the PNG; leave out --set.")
        inspection = export.read_png(_read(args.like))
        view, result = export.reproduce(inspection, ImageFile.open(args.image))
        filter = all_filters()[inspection.filter]
        params: dict[str, Any] = inspection.params
    else:
        if args.filter not in all_filters():
            raise InputError(f"There is no filter {args.filter!r}; cgid inspect --list names them.")
        filter = all_filters()[args.filter]
        params, view = _values(filter, args.set), _view(args)
        result = filter.run(view, params)
    inspection = export.inspection_record(filter, view, params, result)
    if args.output.suffix.lower() == ".csv":
        if not result.columns:
            raise InputError(
                f"{filter.title} gives no plot here, so there is nothing for {args.output.name}. {result.finding}"
            )
        write_bytes(args.output, export.to_csv(inspection, result.columns))
    elif result.picture is None:
        raise InputError(f"{filter.title} gives a plot; write it to a file that ends in .csv. {result.finding}")
    else:
        write_bytes(args.output, export.to_png(inspection, result.picture))
    if args.json:
        from dataclasses import asdict

        print_json({**asdict(inspection), "output": str(args.output)})
    else:
        print(f"{result.finding}\n{args.output}")
    return DONE


def _write_all(args: argparse.Namespace) -> int:
    from dataclasses import asdict

    from cgid.files import atomic
    from cgid.inspector.export import write_archive

    view = _view(args)
    with atomic(args.output) as temporary, temporary.open("wb") as file:
        inspections = write_archive(view, file)
    if args.json:
        print_json({"drawn": [asdict(inspection) for inspection in inspections], "output": str(args.output)})
    else:
        for inspection in inspections:
            print(f"{inspection.filter:<22} {inspection.finding}")
        print(args.output)
    return DONE


def _values(filter: Filter, assignments: list[str]) -> dict[str, Any]:
    """`name=value` as the filter takes it; a range is two numbers with a comma between."""
    from cgid.inspector.filter import Span

    spans = {p.name for p in filter.parameters if isinstance(p, Span)}
    values: dict[str, Any] = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals:
            raise InputError(f"--set takes name=value, not {assignment!r}.")
        values[name.strip()] = tuple(value.split(",")) if name.strip() in spans else value.strip()
    return values


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from error


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("image", nargs="?", type=Path, metavar="IMAGE", help="image file")
    parser.add_argument("--list", action="store_true", help="list every filter with its parameters")
    parser.add_argument("--filter", metavar="NAME", help="apply this filter")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter of the filter, may be repeated"
    )
    parser.add_argument(
        "--like",
        type=Path,
        metavar="MAP.png",
        help="apply the filter and parameters recorded in this PNG, to the same image",
    )
    parser.add_argument("--all", action="store_true", help="every filter at its defaults, as one ZIP")
    parser.add_argument(
        "--at", type=float, nargs=2, default=(0.5, 0.5), metavar=("X", "Y"),
        help="centre of the crop, fractions of width and height from the top left (default: 0.5 0.5)",
    )  # fmt: skip
    parser.add_argument(
        "--side",
        type=int,
        default=1536,
        metavar="PX",
        help="side of the crop in pixels, 0 = whole image (default: 1536)",
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="PNG for an image, CSV for a plot, ZIP with --all")
    add_json(parser)


COMMANDS = (Command(("inspect",), "apply a filter of the inspector to an image", _arguments, _run),)
