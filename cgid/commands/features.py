"""`cgid features`: every forensic feature, what it means and where it comes from."""

from __future__ import annotations

import argparse

from cgid.cli_command import DONE, Command, add_json, say_json


def _run(asked: argparse.Namespace) -> int:
    from cgid.features.registry import all_groups

    groups = all_groups().values()
    if asked.json:
        say_json([_as_json(group) for group in groups])
        return DONE
    for group in groups:
        print(f"{group.key}: {group.title} ({group.family}, version {group.version})")
        for line in (group.meaning, group.weakness and f"Weakness: {group.weakness}", f"Source: {group.cite}"):
            if line:
                print(f"    {line}")
        for feature in group.features:
            unit = f" [{feature.unit}]" if feature.unit else ""
            print(f"  {group.column(feature.name):<34} {feature.meaning}{unit}")
        print()
    print(f"{sum(len(g.features) for g in groups)} features in {len(groups)} groups")
    return DONE


def _as_json(group) -> dict:
    return {
        **{
            name: getattr(group, name)
            for name in ("key", "title", "family", "prefix", "version", "meaning", "weakness")
        },
        "citation": group.cite,
        "features": [
            {"column": group.column(f.name), "title": f.title, "meaning": f.meaning, "unit": f.unit}
            for f in group.features
        ],
        "maps": [{"name": m.name, "title": m.title, "legend": m.legend, "caution": m.caution} for m in group.maps],
    }


COMMANDS = (Command(("features",), "list the forensic features, their families and sources", add_json, _run),)
