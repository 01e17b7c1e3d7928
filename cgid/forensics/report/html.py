"""A report as one HTML file: no scripts, nothing loaded from anywhere, readable in light and dark and on paper."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from html import escape

from cgid.evaluate.verdict_words import SIGNS
from cgid.forensics.report.document import Finding, Part, Report
from cgid.forensics.report.style import STYLE


def html(report: Report) -> str:
    """The whole file's text. Every foreign word is escaped and isolated in its writing direction."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    allowed = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'sha256-{allowed}'; base-uri 'none'; form-action 'none'"
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="referrer" content="no-referrer">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escape(report.title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>"
    yield from _head(report)
    for part in report.parts:
        yield from _part(part)
    yield "</main>\n<footer><p>Made by cgid from its record of the check. The file holds no scripts and loads nothing."
    yield "</p></footer>\n</body>\n</html>"


def _head(report: Report) -> Iterator[str]:
    symbol = SIGNS.get(report.verdict, "?")
    yield f'<header class="{report.verdict if report.verdict in SIGNS else "unreadable"}">'
    if report.picture:
        data = base64.b64encode(report.picture).decode()
        yield f'<img src="data:image/webp;base64,{data}" alt="{escape(report.picture_says)}">'
    yield f'<div>\n<h1><span class="mark" aria-hidden="true">{symbol}</span> {escape(report.heading)}</h1>'
    yield f'<p class="why">{_text(report.why)}</p>' if report.why else ""
    if report.probability:
        yield f"<p>Calibrated probability of AI: <strong>{escape(report.probability)}</strong></p>"
    yield "</div>\n</header>"
    when = report.created
    facts = [("File", report.file), ("sha256", report.sha256 or "none: the file could not be opened")]
    facts += [("Checked", f"{when:%Y-%m-%d %H:%M:%S} UTC"), ("Record", str(report.id))]
    yield from _facts(facts)
    if report.note:
        lines = "<br>".join(_text(line) for line in report.note.splitlines())
        yield f'<section><h2>Note</h2><p class="note" dir="auto">{lines}</p></section>'


def _part(part: Part) -> Iterator[str]:
    yield f"<section>\n<h2>{escape(part.title)}</h2>"
    yield from (f"<p>{_text(text)}</p>" for text in part.paragraphs)
    if part.facts:
        yield from _facts(part.facts)
    for finding in part.findings:
        yield from _finding(finding)
    if part.items:
        yield "<ul>" + "".join(f"<li>{_text(item)}</li>" for item in part.items) + "</ul>"
    yield "</section>"


def _finding(finding: Finding) -> Iterator[str]:
    yield f"<article>\n<h3>{_text(finding.title)}</h3>"
    said = [text for text in (finding.points, finding.number) if text]
    if said:
        yield f'<p class="side">{" · ".join(_text(text) for text in said)}</p>'
    yield f"<p>{_text(finding.sentence)}</p>"
    if finding.rows:
        yield from _facts(finding.rows)
    if finding.fooled_by:
        yield f"<p><strong>What could fool this:</strong> {_text(finding.fooled_by)}</p>"
    if finding.source:
        yield f'<p class="source">{_text(finding.source)}</p>'
    yield "</article>"


def _facts(rows) -> Iterator[str]:
    body = "".join(f'<tr><th scope="row">{_text(label)}</th><td>{_text(text)}</td></tr>' for label, text in rows)
    yield f"<table><tbody>{body}</tbody></table>"


def _text(text: str) -> str:
    return f"<bdi>{escape(text)}</bdi>"
