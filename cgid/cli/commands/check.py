"""`cgid check IMAGE…`: the verdict on an image, and why."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from cgid.cli.command import BAD_INPUT, DONE, Command, add_json
from cgid.cli.output import print_json, quiet_libraries, quiet_stdout

MAX_LINE_CHARS = 4000
MIN_STRENGTH, MAX_EVIDENCE_LINES = 0.1, 6  # of the evidence that is printed


def _run(args: argparse.Namespace) -> int:
    from cgid.api.check import opened as open_image
    from cgid.forensics.check import check
    from cgid.forensics.model_choice import Choice, chosen_models

    models = chosen_models(Choice(args.model_a, args.model_b))
    answers: list[dict[str, Any]] = []
    for image in args.images:
        with quiet_stdout(args.json), quiet_libraries():
            opened = open_image(image)
            answer = check(opened, str(image), models).to_json()
            if args.stability:
                answer["stability"] = _stability(opened, answer, models)
        if not args.no_record:
            with quiet_stdout(args.json):
                _record(answer, opened)
        answers.append(answer)
        if not args.json:
            _print_answer(answer)
    if args.json:
        print_json(answers)
    return BAD_INPUT if all(a["verdict"] == "unreadable" for a in answers) else DONE


def _stability(opened: Any, answer: dict[str, Any], models: Any) -> dict[str, Any] | None:
    """The verdicts on copies of the image; None where the image itself cannot be read."""
    from cgid.forensics.stability import stability, summary

    if answer["verdict"] == "unreadable" or isinstance(opened, Path):
        return None
    outcomes = list(stability(opened, models, answer["models"]["foreign"]))
    return summary(answer["verdict"], outcomes)


def _record(answer: dict[str, Any], opened: Any) -> None:
    """A database that cannot be written costs one line on standard error, not the answer."""
    from sqlalchemy.exc import SQLAlchemyError

    from cgid.errors import InputError
    from cgid.records import keep

    try:
        keep.record_check(answer)
        if answer["verdict"] != "unreadable" and not isinstance(opened, Path):
            keep.save_thumbnail(answer["sha256"], opened, answer["file"])
    except (SQLAlchemyError, InputError, OSError) as error:
        print(f"cgid: not recorded, or not completely ({error})", file=sys.stderr)


def _print_answer(answer: dict[str, Any]) -> None:
    from cgid.escape import plain
    from cgid.formatting import HEADINGS

    # A file name, or what an error quotes of a file, may hold control sequences of the terminal.
    print(
        f"{plain(answer['file'], MAX_LINE_CHARS)}: {_lower_first(HEADINGS.get(answer['verdict'], answer['verdict']))}"
    )
    for line in _lines(answer):
        print(f"    {plain(line, MAX_LINE_CHARS)}")


def _lower_first(heading: str) -> str:
    return heading[:1].lower() + heading[1:]


def _lines(answer: dict[str, Any]) -> list[str]:
    from cgid.forensics.evidence.kinds.rules import OTHER_KINDS

    lines = [answer["error"] or ""] if answer["verdict"] == "unreadable" else [answer["reason"] or ""]
    rules = (answer.get("rules") or {}).get("fired") or []
    if agreement := (answer.get("agreement") or {}).get("sentence"):
        lines.append(agreement)
    if stability := answer.get("stability"):
        lines.append(stability["sentence"])
    sentences = [e["sentence"] for e in answer.get("evidence") or () if e["strength"] >= MIN_STRENGTH]
    lines += [f"- {sentence}" for sentence in sentences[:MAX_EVIDENCE_LINES]]
    lines += [f"- {rule['reason']}" for rule in rules if rule.get("code") not in OTHER_KINDS]
    return [line for line in dict.fromkeys(lines) if line]


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE", help="image files")
    parser.add_argument("--no-record", action="store_true", help="do not save the answer in the database")
    parser.add_argument(
        "--model-a", default="", metavar="RUN", help="another Model A: a run's id or folder, an ONNX file, or none"
    )
    parser.add_argument("--model-b", default="", metavar="RUN", help="another Model B: a run's id or folder, or none")
    parser.add_argument(
        "--stability", action="store_true", help="also check copies: recompressed, downscaled, cropped, screenshots"
    )
    add_json(parser)


COMMANDS = (Command(("check",), "check whether images are real or AI-generated, and why", _arguments, _run),)
