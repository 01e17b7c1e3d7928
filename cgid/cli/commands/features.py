"""`cgid features list`: every forensic feature, what it means and where it comes from."""

from __future__ import annotations

import argparse

from cgid.cli.command import DONE, Command, add_json
from cgid.cli.lists import add_list
from cgid.cli.output import print_json


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_list(parser, "--groups", metavar="KEY", help="only these groups (default: all)")
    parser.add_argument("--find", default="", metavar="TEXT", help="only groups whose texts contain all these words")
    add_json(parser)


def _run(args: argparse.Namespace) -> int:
    from cgid.features.registry import all_groups, group_record, search, select_groups

    groups = select_groups(args.groups)
    if args.groups:  # the groups that a group reads are measured with it, but were not requested here
        groups = {key: group for key, group in groups.items() if key in args.groups}
    records = [group_record(all_groups()[key]) for key in search(groups, args.find)]
    if args.json:
        print_json(records)
        return DONE
    for record in records:
        _print_group(record)
    plural = "" if len(records) == 1 else "s"
    print(f"{sum(len(record['features']) for record in records)} features in {len(records)} group{plural}")
    return DONE


def _print_group(group: dict) -> None:
    print(f"{group['key']}: {group['title']} ({group['family']}, version {group['version']})")
    lines = {
        "": group["meaning"],
        "Weakness: ": group["weakness"],
        "Not applicable: ": group["not_applicable"],
        "Source: ": group["citation"],
    }
    for title, text in lines.items():
        if text:
            print(f"    {title}{text}")
    for map in group["maps"]:
        print(f"    Map {map['title']}: {' '.join((map['legend'], map['caution'])).strip()}")
    for feature in group["features"]:
        unit = f" [{feature['unit']}]" if feature["unit"] else ""
        print(f"  {feature['column']:<34} {feature['meaning']}{unit}")
    print()


COMMANDS = (
    Command(
        ("features", "list"),
        "list the forensic features, their families and sources",
        _arguments,
        _run,
        (("features",),),
    ),
)
