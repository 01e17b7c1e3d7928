"""`cgid inspect IMAGE --filter NAME`: one filter of the inspection bench, or all of them, as files."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cgid.cli.command import DONE, Command, add_json, say_json
from cgid.errors import InputError

if TYPE_CHECKING:
    from cgid.inspector.filter import Filter, Parameter
    from cgid.inspector.view import View


def _run(asked: argparse.Namespace) -> int:
    if asked.list:
        return _list(asked)
    if asked.image is None:
        raise InputError("Name an image, or use --list to see the filters.")
    if sum(map(bool, (asked.filter, asked.like, asked.all))) != 1:
        raise InputError("Choose one of --filter NAME, --like MAP.png and --all.")
    if asked.output is None:
        raise InputError("Say by --output where the picture is to go.")
    try:
        return _all(asked) if asked.all else _one(asked)
    except OSError as problem:
        raise InputError(f"{asked.output} cannot be written: {problem.strerror or problem}.") from problem


def _list(asked: argparse.Namespace) -> int:
    from cgid.inspector.filter import all_filters

    every = list(all_filters().values())
    if asked.json:
        say_json([_told(one) for one in every])
        return DONE
    shelf = ""
    for one in every:
        if one.shelf != shelf:
            shelf = one.shelf
            print(f"{shelf}:")
        print(f"  {one.name:<22} {one.title}. {one.shows}")
        for p in one.parameters:
            print(f"      {_range(p)}")
    return DONE


def _told(one: Filter) -> dict[str, Any]:
    words = ("name", "title", "shelf", "shows", "read", "cannot", "cite", "version")
    return {**{w: getattr(one, w) for w in words}, "parameters": {p.name: _range(p) for p in one.parameters}}


def _range(p: Parameter) -> str:
    from cgid.inspector.filter import Choice, Span

    if isinstance(p, Choice):
        return f"--set {p.name}={p.start}   {p.title}: {', '.join(p.options)}"
    start = f"{p.start[0]:g},{p.start[1]:g}" if isinstance(p, Span) else f"{p.start:g}"
    return f"--set {p.name}={start}   {p.title}: {p.low:g} to {p.high:g} {p.unit}".rstrip()


def _view(asked: argparse.Namespace) -> View:
    from cgid.imaging.image_file import ImageFile
    from cgid.inspector.view import View

    image = ImageFile.open(asked.image)
    across, down = asked.at
    if not (0 <= across <= 1 and 0 <= down <= 1):
        raise InputError("--at takes two shares from 0 to 1: from the left and from the top edge.")
    if asked.side < 0:
        raise InputError("--side is a number of pixels, or 0 for the whole picture.")
    return View.at(image, across, down, asked.side or None)


def _one(asked: argparse.Namespace) -> int:
    from cgid.files import write_bytes
    from cgid.imaging.image_file import ImageFile
    from cgid.inspector import export
    from cgid.inspector.filter import all_filters

    if asked.like:
        if asked.set:
            raise InputError("--like takes its values from the picture; leave out --set.")
        like = _bytes(asked.like)
        made = export.read(like)
        view, drawn = export.again(made, ImageFile.open(asked.image))
        one = all_filters()[made.filter]
        params: dict[str, Any] = made.params
    else:
        one = all_filters().get(asked.filter)
        if one is None:
            raise InputError(f"There is no filter {asked.filter!r}; cgid inspect --list names them.")
        params, view = _values(one, asked.set), _view(asked)
        drawn = one.run(view, params)
    about = export.inspection(one, view, params, drawn)
    plot = asked.output.suffix.lower() == ".csv"
    if plot and not drawn.columns:
        raise InputError(
            f"{one.title} gives no plot here, so there is nothing for {asked.output.name}. {drawn.finding}"
        )
    if not plot and drawn.picture is None:
        raise InputError(f"{one.title} gives a plot; write it to a file that ends in .csv. {drawn.finding}")
    write_bytes(asked.output, export.csv(about, drawn.columns) if plot else export.png(about, drawn.picture))
    if asked.json:
        from dataclasses import asdict

        say_json({**asdict(about), "output": str(asked.output)})
    else:
        print(f"{drawn.finding}\n{asked.output}")
    return DONE


def _all(asked: argparse.Namespace) -> int:
    from dataclasses import asdict

    from cgid.files import atomic
    from cgid.inspector.export import write

    view = _view(asked)
    with atomic(asked.output) as temporary, temporary.open("wb") as file:
        made = write(view, file)
    if asked.json:
        say_json({"drawn": [asdict(about) for about in made], "output": str(asked.output)})
    else:
        for about in made:
            print(f"{about.filter:<22} {about.finding}")
        print(asked.output)
    return DONE


def _values(one: Filter, given: list[str]) -> dict[str, Any]:
    """`name=value` as the filter takes it; a band is two numbers with a comma between."""
    from cgid.inspector.filter import Span

    spans = {p.name for p in one.parameters if isinstance(p, Span)}
    found: dict[str, Any] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals:
            raise InputError(f"--set takes name=value, not {each!r}.")
        found[name.strip()] = tuple(value.split(",")) if name.strip() in spans else value.strip()
    return found


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise InputError(f"{path} cannot be read: {problem.strerror or problem}.") from problem


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("image", nargs="?", type=Path, metavar="IMAGE", help="image file")
    parser.add_argument("--list", action="store_true", help="every filter with its parameters")
    parser.add_argument("--filter", metavar="NAME", help="draw this filter")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter of the filter")
    parser.add_argument("--like", type=Path, metavar="MAP.png", help="draw again what made this PNG, of the same image")
    parser.add_argument("--all", action="store_true", help="every filter at its defaults, as one ZIP")
    parser.add_argument(
        "--at", type=float, nargs=2, default=(0.5, 0.5), metavar=("ACROSS", "DOWN"),
        help="middle of the part, shares from the left and top edge (default: 0.5 0.5)",
    )  # fmt: skip
    parser.add_argument(
        "--side", type=int, default=1536, metavar="PX", help="px a side of the part, 0 for all of it (default: 1536)"
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="PNG for a picture, CSV for a plot, ZIP with --all")
    add_json(parser)


COMMANDS = (Command(("inspect",), "lay an image under a filter of the inspection bench", _arguments, _run),)
