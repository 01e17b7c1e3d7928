"""`cgid check IMAGE…`: what cgid says about an image, and why."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from cgid.cli.command import BAD_INPUT, DONE, Command, add_json, quiet_libraries, quiet_stdout, say_json

LONGEST = 4000  # characters of a printed line
WORTH_A_LINE, MOST_LINES = 0.1, 6  # strength of evidence, and how many pieces are told


def _run(asked: argparse.Namespace) -> int:
    from cgid.api.check import opened as open_image
    from cgid.forensics.check import check
    from cgid.forensics.model_choice import Choice, chosen_models

    models = chosen_models(Choice(asked.model_a, asked.model_b))
    answers: list[dict[str, Any]] = []
    for image in asked.images:
        with quiet_stdout(asked.json), quiet_libraries():
            opened = open_image(image)
            answer = check(opened, str(image), models).to_json()
            if asked.stability:
                answer["stability"] = _stability(opened, answer, models)
        if not asked.no_record:
            with quiet_stdout(asked.json):
                _record(answer, opened)
        answers.append(answer)
        if not asked.json:
            _tell(answer)
    if asked.json:
        say_json(answers)
    return BAD_INPUT if all(a["verdict"] == "unreadable" for a in answers) else DONE


def _stability(opened: Any, answer: dict[str, Any], models: Any) -> dict[str, Any] | None:
    """What copies of the image are told; None where the image itself cannot be read."""
    from cgid.forensics.stability import stability, summary

    if answer["verdict"] == "unreadable" or isinstance(opened, Path):
        return None
    outcomes = list(stability(opened, models, answer["models"]["foreign"]))
    return summary(answer["verdict"], outcomes)


def _record(answer: dict[str, Any], opened: Any) -> None:
    """The answer counts more than its record: a database that cannot be written costs a line, not the answer."""
    from sqlalchemy.exc import SQLAlchemyError

    from cgid.errors import InputError
    from cgid.records import keep

    try:
        keep.record(answer)
        if answer["verdict"] != "unreadable" and not isinstance(opened, Path):
            keep.save_thumbnail(answer["sha256"], opened, answer["file"])
    except (SQLAlchemyError, InputError, OSError) as error:
        print(f"cgid: not recorded, or not as a whole ({error})", file=sys.stderr)


def _tell(answer: dict[str, Any]) -> None:
    from cgid.escape import plain
    from cgid.formatting import HEADINGS

    # A name, and what an error quotes of a file, may hold what a terminal would obey.
    print(f"{plain(answer['file'], LONGEST)}: {_inside(HEADINGS.get(answer['verdict'], answer['verdict']))}")
    for line in _lines(answer):
        print(f"    {plain(line, LONGEST)}")


def _inside(heading: str) -> str:
    return heading[:1].lower() + heading[1:]


def _lines(answer: dict[str, Any]) -> list[str]:
    from cgid.forensics.evidence.kinds.rules import ELSEWHERE

    lines = [answer["error"] or ""] if answer["verdict"] == "unreadable" else [answer["reason"] or ""]
    rules = (answer.get("rules") or {}).get("fired") or []
    if said := (answer.get("agreement") or {}).get("sentence"):
        lines.append(said)
    if stability := answer.get("stability"):
        lines.append(stability["sentence"])
    weighty = [e["sentence"] for e in answer.get("evidence") or () if e["strength"] >= WORTH_A_LINE]
    lines += [f"- {sentence}" for sentence in weighty[:MOST_LINES]]
    lines += [f"- {rule['reason']}" for rule in rules if rule.get("code") not in ELSEWHERE]
    return [line for line in dict.fromkeys(lines) if line]


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE", help="image files")
    parser.add_argument("--no-record", action="store_true", help="do not keep the answer in the database")
    parser.add_argument(
        "--model-a", default="", metavar="RUN", help="another Model A: a run's id or folder, an ONNX file, or none"
    )
    parser.add_argument("--model-b", default="", metavar="RUN", help="another Model B: a run's id or folder, or none")
    parser.add_argument(
        "--stability", action="store_true", help="also judge copies: saved again, made smaller, cropped, screenshotted"
    )
    add_json(parser)


COMMANDS = (Command(("check",), "say whether images look real or AI-made, and why", _arguments, _run),)
