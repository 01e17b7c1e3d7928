"""`cgid file IMAGE…`: how a file is built, all it says about itself, where it says it was taken, and its fingerprints."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cgid.cli.command import BAD_INPUT, DONE, Command, add_json, quiet_libraries, quiet_stdout, say_json
from cgid.errors import InputError

LONGEST = 300  # characters of a printed line


def _run(asked: argparse.Namespace) -> int:
    if asked.levels < 1:
        raise InputError("--levels is 1 or more.")
    told: list[dict[str, Any]] = []
    for path in asked.files:
        with quiet_stdout(asked.json), quiet_libraries():
            told.append(_told(path))
        if not asked.json:
            _tell(told[-1], asked.levels)
    if asked.json:
        say_json(told)
    return BAD_INPUT if all(not each["container"] for each in told) else DONE


def _told(path: Path) -> dict[str, Any]:
    """Raises UnreadableImage where the file cannot be read or is too large."""
    from cgid.fileformat.tree import structure
    from cgid.imaging.image_file import ImageFile, UnreadableImage, read_bytes
    from cgid.inspector import geolocation, hashes, metadata_table
    from cgid.metadata.exif import block

    data = read_bytes(path)
    built = structure(data)
    found: dict[str, Any] = {"file": str(path), "bytes": len(data), "container": built.container}
    found["problems"] = [{"at": built.in_file(node), "problem": sentence} for node, sentence in built.problems()]
    prints = hashes.of_bytes(data)
    try:
        image = ImageFile.from_bytes(data, path.name)
        said, place = metadata_table.rows(image), geolocation.of_gps(block(image, "gps"))
        prints += [hashes.of_pixels(image), *hashes.of_look(image)]
    except UnreadableImage as problem:
        said, place = metadata_table.of_structure(built), None
        found["unreadable"] = str(problem)
    found["place"] = {**asdict(place), "where": geolocation.where(place)} if place else None
    found["parts"] = [
        {
            "level": depth,
            "name": n.name,
            "at": built.in_file(n),
            "length": n.length,
            "what": n.what,
            "facts": dict(n.fields),
        }
        for depth, n in built.nodes()
    ]
    found["metadata"] = [asdict(row) for row in said]
    found["hashes"] = {one.name: one.value for one in prints}
    return found


def _tell(found: dict[str, Any], levels: int) -> None:
    from cgid.escape import plain

    def line(text: str, before: str = "    ") -> None:
        print(before + plain(text, LONGEST))

    line(f"{found['file']}: {found['container'] or 'no picture of a known kind'}, {found['bytes']:,} bytes", "")
    for each in found["problems"][:20]:
        line(f"! {each['problem']}")
    print("  Parts (offset, length)")
    for part in found["parts"]:
        if 0 < part["level"] <= levels:
            at = "  packed" if part["at"] is None else f"{part['at']:08X}"
            facts = "; ".join(f"{k} {v}" for k, v in part["facts"].items())
            line(
                f"{part['name']}: {part['what']}{': ' if facts else ''}{facts}",
                f"    {at} {part['length']:>11,} {'  ' * part['level']}",
            )
    print("  What it says")
    for row in found["metadata"]:
        line(f"{row['where']}: {row['name']}: {row['value']}")
    if found["place"]:
        line(f"Place: {found['place']['latitude']:.6f}, {found['place']['longitude']:.6f}. {found['place']['where']}")
    print("  Fingerprints")
    for name, value in found["hashes"].items():
        line(f"{name}: {value}")


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="IMAGE", help="image files, broken ones too")
    parser.add_argument(
        "--levels", type=int, default=2, metavar="N", help="levels of the tree that are printed (default: 2)"
    )
    add_json(parser)


COMMANDS = (Command(("file",), "take image files apart: structure, metadata, place, fingerprints", _arguments, _run),)
