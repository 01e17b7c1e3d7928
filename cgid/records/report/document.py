"""What a report says, before it looks like anything: built from one record alone, so that the same record says the same."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from cgid import formatting
from cgid.escape import plain
from cgid.formatting import HEADINGS
from cgid.records.report import text
from cgid.records.store import LONGEST_NOTE
from cgid.schema import PointsTo, label_of

LONG = 2000  # characters of one sentence or fact
MOST_FINDINGS = 60


@dataclass(frozen=True)
class Finding:
    """points: in which direction, in words. rows: (label, text)."""

    title: str
    sentence: str
    points: str = ""
    number: str = ""
    fooled_by: str = ""
    source: str = ""
    rows: tuple[tuple[str, str], ...] = ()


class PartKind(StrEnum):
    """What a part of a report is about."""

    ANSWER = "answer"
    ERROR_RATES = "error_rates"
    VOICES = "voices"
    EVIDENCE = "evidence"
    STABILITY = "stability"
    FOOLED_BY = "fooled_by"
    LIMITS = "limits"
    VERSIONS = "versions"


@dataclass(frozen=True)
class Part:
    """A headed part: paragraphs, then facts (label, text), findings, and a list."""

    kind: PartKind
    title: str
    paragraphs: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """All text is plain: no markup, no control or direction characters. picture: WebP, or b"" where none is kept."""

    title: str
    file: str
    verdict: str
    heading: str
    why: str
    probability: str
    created: datetime
    sha256: str
    id: int
    note: str
    picture: bytes
    parts: tuple[Part, ...]

    @property
    def picture_says(self) -> str:
        """The picture's alternative text: the finding, not the file."""
        return f"Small copy of the checked picture {self.file}: {self.heading.lower()}."


def report(record: Mapping[str, Any], thumbnail: bytes = b"") -> Report:
    """record: as `db_analyses.analyses` gives it; what an older cgid did not record is left out. thumbnail: WebP."""
    found = text.mapping(record.get("check"))
    verdict = str(record.get("verdict") or "")
    heading = HEADINGS.get(verdict, HEADINGS["unreadable"])
    file = plain(own_name(record.get("file")), 160) or "unnamed"
    probability = record.get("probability_ai")
    return Report(
        title=f"{heading}: {file}",
        file=file,
        verdict=verdict,
        heading=heading,
        why=plain(found.get("why") or found.get("reason") or found.get("error") or "", LONG),
        probability=formatting.probability(probability) if text.is_number(probability) else "",
        created=datetime.fromtimestamp(round(float(record.get("created") or 0)), UTC),
        sha256=plain(record.get("sha256") or "", 64),
        id=int(record.get("id") or 0),
        note=_lines(str(record.get("note") or "")),
        picture=thumbnail,
        parts=tuple(_parts(found, verdict)),
    )


def record_json(record: Mapping[str, Any], thumbnail: bytes = b"") -> dict[str, Any]:
    """The record as a document of its own. Strings longer than a report needs are cut and say so; of a file's path only
    its name is told."""
    when = datetime.fromtimestamp(round(float(record.get("created") or 0)), UTC)
    names = ("id", "sha256", "verdict", "probability_ai", "note")
    check = text.mapping(record.get("check"))
    return {
        "format": "cgid record",
        "version": 1,
        "record": {
            **{name: _cut(record.get(name)) for name in names},
            "file": _cut(own_name(record.get("file"))),
            "checked": when.isoformat(),
        },
        "check": _cut({**check, "file": own_name(check.get("file"))}),
        "limits": list(text.of(check, str(record.get("verdict") or ""))),
        "thumbnail": f"data:image/webp;base64,{base64.b64encode(thumbnail).decode()}" if thumbnail else None,
    }


def _parts(found: Mapping[str, Any], verdict: str) -> list[Part]:
    whole = plain(found.get("reason") or "", LONG)
    shorter = plain(found.get("why") or "", LONG)
    parts = [Part(PartKind.ANSWER, "The whole answer", (whole,))] if shorter and whole not in ("", shorter) else []
    parts.append(Part(PartKind.ERROR_RATES, "How often such a verdict is wrong", tuple(text.wrong(found, verdict))))
    said, voices = text.voices(found)
    parts.append(Part(PartKind.VOICES, "Who says what", (said,) if said else (), facts=tuple(voices)))
    findings, idle = _findings(found)
    none = () if findings else ("Nothing was found that speaks for either side.",)
    rest = (f"Looked at too, and of no weight here: {', '.join(idle)}.",) if idle else ()
    shown = tuple(findings[:MOST_FINDINGS])
    parts.append(Part(PartKind.EVIDENCE, "Evidence, strongest first", none, findings=shown, items=rest))
    held, copies = text.stability(found)
    if held:
        parts.append(Part(PartKind.STABILITY, "Does the verdict survive re-saving?", (held,), facts=tuple(copies)))
    parts.append(Part(PartKind.FOOLED_BY, "What could fool this answer", items=tuple(text.fooled_by(verdict))))
    parts.append(Part(PartKind.LIMITS, "Limits", items=tuple(text.of(found, verdict))))
    same = "The same picture with the same versions gives the same answer."
    parts.append(Part(PartKind.VERSIONS, "Made by", (same,), text.made_by(found)))
    return [part for part in parts if part.paragraphs or part.facts or part.findings or part.items]


def _findings(found: Mapping[str, Any]) -> tuple[list[Finding], list[str]]:
    """The recorded evidence, and the titles of what weighs nothing; without it, what file, rules and Model B said."""
    made, idle = [], []
    for piece in map(text.mapping, text.sequence(found.get("evidence"))):
        if piece.get("strength") == 0:
            idle.append(plain(piece.get("title") or piece.get("key") or "", 80))
            continue
        pairs = [pair for pair in text.sequence(piece.get("rows")) if len(text.sequence(pair)) == 2]
        made.append(
            Finding(
                title=plain(piece.get("title") or piece.get("key") or "Finding"),
                sentence=plain(piece.get("sentence") or "", LONG),
                points=label_of(PointsTo, piece.get("points_to"), ""),
                number=plain(piece.get("number") or ""),
                fooled_by=plain(piece.get("fooled_by") or "", LONG),
                source=plain(piece.get("source") or ""),
                rows=tuple((plain(label, 80), plain(text, 400)) for label, text in pairs[:30]),
            )
        )
    spoken = [] if made or idle else text.spoken(found)
    return made + [Finding(title, plain(sentence, LONG), points) for title, sentence, points in spoken], idle


def own_name(file: Any) -> str:
    """The file's own name: folders tell who somebody is and how they work."""
    return str(file or "").replace("\\", "/").rstrip("/").split("/")[-1]


def _lines(note: str) -> str:
    """A note keeps its lines."""
    return "\n".join(plain(line, LONGEST_NOTE) for line in note[:LONGEST_NOTE].splitlines())


def _cut(value: Any, longest: int = 10_000) -> Any:
    if isinstance(value, str) and len(value) > longest:
        return f"{value[:longest]}… ({len(value)} characters, cut)"
    if isinstance(value, Mapping):
        return {str(key)[:200]: _cut(item, longest) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_cut(item, longest) for item in value]
    return value
