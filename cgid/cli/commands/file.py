"""`cgid file IMAGE…`: the structure of a file, its metadata, the location recorded in it, and its hashes."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cgid.cli.command import BAD_INPUT, DONE, Command, add_json
from cgid.cli.output import print_json, quiet_libraries, quiet_stdout
from cgid.errors import InputError

MAX_LINE_CHARS = 300
MAX_PROBLEMS = 20


def _run(args: argparse.Namespace) -> int:
    if args.levels < 1:
        raise InputError("--levels is 1 or more.")
    records: list[dict[str, Any]] = []
    for path in args.files:
        with quiet_stdout(args.json), quiet_libraries():
            records.append(_describe(path))
        if not args.json:
            _print_record(records[-1], args.levels)
    if args.json:
        print_json(records)
    return BAD_INPUT if all(not record["container"] for record in records) else DONE


def _describe(path: Path) -> dict[str, Any]:
    """Raises UnreadableImage where the file cannot be read or is too large."""
    from cgid.fileformat.tree import parse_structure
    from cgid.imaging.image_file import ImageFile, UnreadableImage, read_bytes
    from cgid.inspector import geolocation, hashes, metadata_table
    from cgid.metadata.exif import ifd

    data = read_bytes(path)
    tree = parse_structure(data)
    record: dict[str, Any] = {"file": str(path), "bytes": len(data), "container": tree.container}
    record["problems"] = [{"at": tree.in_file(node), "problem": sentence} for node, sentence in tree.problems()]
    digests = hashes.byte_hashes(data)
    try:
        image = ImageFile.from_bytes(data, path.name)
        metadata, place = metadata_table.rows(image), geolocation.from_gps(ifd(image, "gps"))
        digests += [hashes.pixel_hash(image), *hashes.image_hashes(image)]
    except UnreadableImage as error:
        metadata, place = metadata_table.structure_rows(tree), None
        record["unreadable"] = str(error)
    record["place"] = {**asdict(place), "where": geolocation.describe(place)} if place else None
    record["parts"] = [
        {
            "level": depth,
            "name": n.name,
            "at": tree.in_file(n),
            "length": n.length,
            "what": n.what,
            "facts": dict(n.fields),
        }
        for depth, n in tree.nodes()
    ]
    record["metadata"] = [asdict(row) for row in metadata]
    record["hashes"] = {digest.name: digest.value for digest in digests}
    return record


def _print_record(record: dict[str, Any], levels: int) -> None:
    from cgid.escape import plain

    def line(text: str, before: str = "    ") -> None:
        print(before + plain(text, MAX_LINE_CHARS))

    line(f"{record['file']}: {record['container'] or 'no image of a known format'}, {record['bytes']:,} bytes", "")
    for problem in record["problems"][:MAX_PROBLEMS]:
        line(f"! {problem['problem']}")
    print("  Parts (offset, length)")
    for part in record["parts"]:
        if 0 < part["level"] <= levels:
            at = "  packed" if part["at"] is None else f"{part['at']:08X}"
            facts = "; ".join(f"{k} {v}" for k, v in part["facts"].items())
            line(
                f"{part['name']}: {part['what']}{': ' if facts else ''}{facts}",
                f"    {at} {part['length']:>11,} {'  ' * part['level']}",
            )
    print("  Metadata")
    for row in record["metadata"]:
        line(f"{row['where']}: {row['name']}: {row['value']}")
    if record["place"]:
        line(
            f"Place: {record['place']['latitude']:.6f}, {record['place']['longitude']:.6f}. {record['place']['where']}"
        )
    print("  Hashes")
    for name, value in record["hashes"].items():
        line(f"{name}: {value}")


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="IMAGE", help="image files, broken ones too")
    parser.add_argument(
        "--levels", type=int, default=2, metavar="N", help="levels of the tree that are printed (default: 2)"
    )
    add_json(parser)


COMMANDS = (Command(("file",), "describe image files: structure, metadata, location, hashes", _arguments, _run),)
