"""`cgid features`: every forensic feature, what it means and where it comes from."""

from __future__ import annotations

import argparse

from cgid.cli.command import DONE, Command, add_json, say_json


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--groups", default="", help="only these groups, comma-separated keys (default: all)")
    parser.add_argument("--find", default="", metavar="WORDS", help="only groups in whose words all of these occur")
    add_json(parser)


def _run(asked: argparse.Namespace) -> int:
    from cgid.features.registry import all_groups, choose, found, group_record

    groups = choose(asked.groups)
    if asked.groups:  # what a group reads is measured with it, but was not asked for here
        groups = {k: g for k, g in groups.items() if k in {word.strip() for word in asked.groups.split(",")}}
    groups = [all_groups()[key] for key in found(groups, asked.find)]
    if asked.json:
        say_json([group_record(group) for group in groups])
        return DONE
    for group in groups:
        _say(group_record(group))
    plural = "" if len(groups) == 1 else "s"
    print(f"{sum(len(g.features) for g in groups)} features in {len(groups)} group{plural}")
    return DONE


def _say(group: dict) -> None:
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
    for one in group["maps"]:
        print(f"    Map {one['title']}: {' '.join((one['legend'], one['caution'])).strip()}")
    for feature in group["features"]:
        unit = f" [{feature['unit']}]" if feature["unit"] else ""
        print(f"  {feature['column']:<34} {feature['meaning']}{unit}")
    print()


COMMANDS = (Command(("features",), "list the forensic features, their families and sources", _arguments, _run),)
