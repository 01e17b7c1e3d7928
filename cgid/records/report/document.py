"""Content of a report, independent of its format: built from one record alone, so that it is reproducible."""

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
from cgid.records.store import MAX_NOTE_CHARS
from cgid.schema import PointsTo, label_of

MAX_CHARS = 2000  # characters of one sentence or fact
MAX_FINDINGS = 60


@dataclass(frozen=True)
class Finding:
    """One finding. points: its direction, as text. limitations: known failure cases. rows: (label, text)."""

    title: str
    sentence: str
    points: str = ""
    number: str = ""
    limitations: str = ""
    source: str = ""
    rows: tuple[tuple[str, str], ...] = ()


class PartKind(StrEnum):
    """Subject of a part of a report."""

    ANSWER = "answer"
    ERROR_RATES = "error_rates"
    SOURCES = "sources"
    EVIDENCE = "evidence"
    STABILITY = "stability"
    LIMITATIONS = "limitations"
    LIMITS = "limits"
    VERSIONS = "versions"


@dataclass(frozen=True)
class Part:
    """A part with a heading: paragraphs, then facts (label, text), findings, and a list."""

    kind: PartKind
    title: str
    paragraphs: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """All text is plain: no markup, no control or direction characters. picture: WebP, or b"" where none is stored."""

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
    def alt_text(self) -> str:
        """Alternative text of the thumbnail: the file and the verdict."""
        return f"Thumbnail of the checked image {self.file}: {self.heading.lower()}."


def build_report(record: Mapping[str, Any], thumbnail: bytes = b"") -> Report:
    """record: see `store.analyses`; values that an older cgid did not record are left out. thumbnail: WebP."""
    check = text.mapping(record.get("check"))
    verdict = str(record.get("verdict") or "")
    heading = HEADINGS.get(verdict, HEADINGS["unreadable"])
    file = plain(file_name(record.get("file")), 160) or "unnamed"
    probability = record.get("probability_ai")
    return Report(
        title=f"{heading}: {file}",
        file=file,
        verdict=verdict,
        heading=heading,
        why=plain(check.get("why") or check.get("reason") or check.get("error") or "", MAX_CHARS),
        probability=formatting.probability(probability) if text.is_number(probability) else "",
        created=datetime.fromtimestamp(round(float(record.get("created") or 0)), UTC),
        sha256=plain(record.get("sha256") or "", 64),
        id=int(record.get("id") or 0),
        note=_lines(str(record.get("note") or "")),
        picture=thumbnail,
        parts=tuple(_parts(check, verdict)),
    )


def record_json(record: Mapping[str, Any], thumbnail: bytes = b"") -> dict[str, Any]:
    """The record as a self-contained JSON document. Long strings are truncated and marked; of the path of a file only
    the name is included.
    """
    when = datetime.fromtimestamp(round(float(record.get("created") or 0)), UTC)
    names = ("id", "sha256", "verdict", "probability_ai", "note")
    check = text.mapping(record.get("check"))
    return {
        "format": "cgid record",
        "version": 1,
        "record": {
            **{name: _cut(record.get(name)) for name in names},
            "file": _cut(file_name(record.get("file"))),
            "checked": when.isoformat(),
        },
        "check": _cut({**check, "file": file_name(check.get("file"))}),
        "limits": list(text.limits(check, str(record.get("verdict") or ""))),
        "thumbnail": f"data:image/webp;base64,{base64.b64encode(thumbnail).decode()}" if thumbnail else None,
    }


def _parts(check: Mapping[str, Any], verdict: str) -> list[Part]:
    reason = plain(check.get("reason") or "", MAX_CHARS)
    why = plain(check.get("why") or "", MAX_CHARS)
    parts = [Part(PartKind.ANSWER, "Full answer", (reason,))] if why and reason not in ("", why) else []
    parts.append(Part(PartKind.ERROR_RATES, "Error rates of this verdict", tuple(text.error_rates(check, verdict))))
    sentence, sources = text.sources(check)
    parts.append(Part(PartKind.SOURCES, "Sources of evidence", (sentence,) if sentence else (), facts=tuple(sources)))
    findings, without_weight = _findings(check)
    none = () if findings else ("No evidence supports either side.",)
    rest = (f"Also examined, without weight here: {', '.join(without_weight)}.",) if without_weight else ()
    shown = tuple(findings[:MAX_FINDINGS])
    parts.append(Part(PartKind.EVIDENCE, "Evidence, strongest first", none, findings=shown, items=rest))
    survives, copies = text.stability(check)
    if survives:
        parts.append(
            Part(
                PartKind.STABILITY,
                "Stability under recompression, resizing and cropping",
                (survives,),
                facts=tuple(copies),
            )
        )
    parts.append(Part(PartKind.LIMITATIONS, "Limitations of this verdict", items=tuple(text.limitations(verdict))))
    parts.append(Part(PartKind.LIMITS, "General limitations", items=tuple(text.limits(check, verdict))))
    same = "The same image checked with the same versions gives the same answer."
    parts.append(Part(PartKind.VERSIONS, "Versions", (same,), text.versions(check)))
    return [part for part in parts if part.paragraphs or part.facts or part.findings or part.items]


def _findings(check: Mapping[str, Any]) -> tuple[list[Finding], list[str]]:
    """(the recorded findings, titles of those without weight); without recorded evidence, the statements of file, rules
    and Model B."""
    findings, without_weight = [], []
    for item in map(text.mapping, text.sequence(check.get("evidence"))):
        if item.get("strength") == 0:
            without_weight.append(plain(item.get("title") or item.get("key") or "", 80))
            continue
        pairs = [pair for pair in text.sequence(item.get("rows")) if len(text.sequence(pair)) == 2]
        findings.append(
            Finding(
                title=plain(item.get("title") or item.get("key") or "Finding"),
                sentence=plain(item.get("sentence") or "", MAX_CHARS),
                points=label_of(PointsTo, item.get("points_to"), ""),
                number=plain(item.get("number") or ""),
                limitations=plain(item.get("fooled_by") or "", MAX_CHARS),
                source=plain(item.get("source") or ""),
                rows=tuple((plain(label, 80), plain(text, 400)) for label, text in pairs[:30]),
            )
        )
    spoken = [] if findings or without_weight else text.statements(check)
    return findings + [
        Finding(title, plain(sentence, MAX_CHARS), points) for title, sentence, points in spoken
    ], without_weight


def file_name(file: Any) -> str:
    """The file name without its folders, which may contain personal information."""
    return str(file or "").replace("\\", "/").rstrip("/").split("/")[-1]


def _lines(note: str) -> str:
    """The note, with its line breaks."""
    return "\n".join(plain(line, MAX_NOTE_CHARS) for line in note[:MAX_NOTE_CHARS].splitlines())


def _cut(value: Any, longest: int = 10_000) -> Any:
    if isinstance(value, str) and len(value) > longest:
        return f"{value[:longest]}… ({len(value)} characters, truncated)"
    if isinstance(value, Mapping):
        return {str(key)[:200]: _cut(item, longest) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_cut(item, longest) for item in value]
    return value
