"""A report as one self-contained HTML file: no scripts, no external resources; light, dark and print styles."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from html import escape

from cgid.formatting import SIGNS
from cgid.records.report.document import Finding, Part, Report

STYLE = """
:root { color-scheme: light dark; --ink: #1c1d21; --soft: #55585f; --paper: #fff; --line: #d5d7db; --real: #0b6b43;
  --ai: #a34700; --declared: #5b3fb5; --none: #55585f; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e9e9ec; --soft: #a9acb3; --paper: #16171b; --line: #3a3d44;
  --real: #5fd39b; --ai: #ffab66; --declared: #b9a5ff; --none: #a9acb3; --bad: #ff8f86; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main, footer { max-width: 46rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
header { display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-start; border-left: .4rem solid var(--hue);
  padding-left: 1rem; }
header > div { flex: 1 1 18rem; }
header img { max-width: 220px; height: auto; border: 1px solid var(--line); }
.likely_real { --hue: var(--real); } .likely_ai { --hue: var(--ai); } .declared_ai { --hue: var(--declared); }
.inconclusive { --hue: var(--none); } .unreadable { --hue: var(--bad); }
h1 { margin: 0 0 .3rem; font-size: 1.9rem; line-height: 1.2; } .mark { color: var(--hue); }
h2 { font-size: 1.2rem; margin: 1.8rem 0 .4rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 0; } p { margin: .3rem 0; } .why { font-size: 1.1rem; }
article { border-left: 3px solid var(--line); padding-left: .8rem; margin: .9rem 0; }
.side { font-weight: 600; } .source, footer { color: var(--soft); font-size: .85rem; }
.note { border: 1px solid var(--line); padding: .6rem; }
table { border-collapse: collapse; width: 100%; margin: .6rem 0; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .25rem .5rem .25rem 0; border-bottom: 1px solid var(--line); }
th { width: 12rem; font-weight: 600; } td { overflow-wrap: anywhere; }
@media (max-width: 34rem) { th, td { display: block; width: auto; } th { border-bottom: 0; padding-bottom: 0; } }
@media print { :root { color-scheme: light; --ink: #000; --soft: #333; --paper: #fff; --line: #999; --real: #0b6b43;
  --ai: #a34700; --declared: #5b3fb5; --none: #333; --bad: #b3261e; } main { max-width: none; }
  article, tr, header { break-inside: avoid; } h2, h3 { break-after: avoid; } }
""".strip()


def html(report: Report) -> str:
    """The complete HTML. Text from the record is escaped and isolated in its writing direction."""
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
    yield "</main>\n<footer><p>Created by cgid from the record of this check. This file contains no scripts and loads no external resources."
    yield "</p></footer>\n</body>\n</html>"


def _head(report: Report) -> Iterator[str]:
    symbol = SIGNS.get(report.verdict, "?")
    yield f'<header class="{report.verdict if report.verdict in SIGNS else "unreadable"}">'
    if report.picture:
        data = base64.b64encode(report.picture).decode()
        yield f'<img src="data:image/webp;base64,{data}" alt="{escape(report.alt_text)}">'
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
    direction = [text for text in (finding.points, finding.number) if text]
    if direction:
        yield f'<p class="side">{" · ".join(_text(text) for text in direction)}</p>'
    yield f"<p>{_text(finding.sentence)}</p>"
    if finding.rows:
        yield from _facts(finding.rows)
    if finding.limitations:
        yield f"<p><strong>Limitations:</strong> {_text(finding.limitations)}</p>"
    if finding.source:
        yield f'<p class="source">{_text(finding.source)}</p>'
    yield "</article>"


def _facts(rows) -> Iterator[str]:
    body = "".join(f'<tr><th scope="row">{_text(label)}</th><td>{_text(text)}</td></tr>' for label, text in rows)
    yield f"<table><tbody>{body}</tbody></table>"


def _text(text: str) -> str:
    return f"<bdi>{escape(text)}</bdi>"
