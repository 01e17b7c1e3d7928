"""The audit as one self-contained HTML file: no scripts, external files or fonts; light, dark and print styles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cgid.audit.crosstabs import from_summary
from cgid.audit.gate import gate_result
from cgid.audit.report_svg import families, heat, ranked, safe
from cgid.schema import Severity

if TYPE_CHECKING:
    import pandas as pd

STYLE = """
:root { --ink: #1c2733; --soft: #5b6876; --paper: #ffffff; --line: #d9dfe6; --box: #f4f6f9;
  --real: #3b82c4; --ai: #d9722e; --issue: #c0392b; --warning: #8a6400; --passed: #1f7a63; --fine: #6b7a8c; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8edf2; --soft: #a3b0bd; --paper: #14181d; --line: #333c46; --box: #1d232a;
    --issue: #f0776a; --warning: #dcb44a; --passed: #55c2a3; --fine: #8f9dac; }
}
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: var(--paper); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 960px; margin: 0 auto; padding: 24px 16px 64px; overflow-wrap: anywhere; }
h1 { font-size: 1.7rem; margin: 0 0 12px; } h2 { font-size: 1.2rem; margin: 32px 0 8px; break-after: avoid; }
.verdict { font-size: 1.15rem; font-weight: 600; padding: 12px 16px; background: var(--box); border-left: 6px solid; }
.verdict.issue { border-color: var(--issue); } .verdict.warning { border-color: var(--warning); }
.verdict.passed { border-color: var(--passed); }
.banner, p.warning { padding: 8px 16px; background: var(--box); border-left: 6px solid var(--warning); }
.note, small, dt { color: var(--soft); } .note { font-size: .9rem; margin-top: 4px; }
dl { margin: 12px 0; } dl div { display: flex; flex-wrap: wrap; gap: 0 8px; } dd { margin: 0; }
.counts { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 8px; }
.counts div { display: block; background: var(--box); padding: 8px 12px; } .counts dd { font-size: 1.1rem; }
svg { width: 100%; height: auto; display: block; font-size: 13px; fill: var(--ink); }
svg .name { text-anchor: end; } svg .value { fill: var(--soft); } svg .tick { text-anchor: middle; fill: var(--soft); }
svg .grid { stroke: var(--line); } svg .half { stroke: var(--soft); stroke-dasharray: 4 4; }
svg .limit { stroke: var(--issue); stroke-width: 2; stroke-dasharray: 6 4; }
svg .whisker { stroke: var(--ink); stroke-width: 2; } svg .dot { fill: var(--real); }
svg .issue { fill: var(--issue); } svg .warning { fill: var(--warning); } svg .fine { fill: var(--fine); }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { text-align: left; vertical-align: top; padding: 6px 8px; border-bottom: 1px solid var(--line); }
th { font-weight: 600; } code { font-size: .9em; } tr { break-inside: avoid; }
.wide { overflow-x: auto; } .badge { font-size: .82rem; font-weight: 600; white-space: nowrap; }
.badge.issue { color: var(--issue); } .badge.warning { color: var(--warning); } .badge.passed { color: var(--passed); }
.badge.not_applicable { color: var(--soft); }
.tables { display: grid; grid-template-columns: repeat(auto-fit, minmax(280px, 1fr)); gap: 20px; align-items: start; }
.heat td { text-align: right; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.heat .real { background: color-mix(in srgb, var(--real) calc(var(--share) * .7), transparent); }
.heat .ai { background: color-mix(in srgb, var(--ai) calc(var(--share) * .7), transparent); }
.heat td small { color: inherit; opacity: .8; }
.key span::before { content: "■ "; } .key .issue { color: var(--issue); } .key .warning { color: var(--warning); }
.key .fine { color: var(--fine); }
@media (max-width: 640px) {
  svg { font-size: 17px; } .stacked thead { display: none; }
  .stacked tr { display: block; border-bottom: 1px solid var(--line); padding: 6px 0; }
  .stacked td, .stacked th { display: block; border: 0; padding: 2px 0; }
}
@media print { body { font-size: 11pt; } main { max-width: none; padding: 0; } svg, .verdict { break-inside: avoid; } }
"""


MAX_BARS, MAX_FEATURES = 30, 200
RESULTS = (Severity.ISSUE, Severity.WARNING, Severity.PASSED, Severity.NOT_APPLICABLE)  # of checks, worst first
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
EXPLANATION = (
    "<em>AUC</em> is the chance that a random AI image has the higher (or the lower) value than a random real photo: "
    "0.5 is chance level, 1.0 is perfect separation; it is over the images that have a value. <em>Accuracy</em> is that of "
    "the best single rule over all images, fitted on the same images. Intervals (95 %) resample whole groups (a "
    "photograph, a video, a cluster of near-duplicates), because images of one group are not independent. A feature is "
    "flagged only where the difference is statistically significant (false discovery rate 5 % over all features). A "
    "<em>content</em> feature that differs is what a detector should use; a <em>container</em> or <em>provenance</em> "
    "feature that differs is what it must not learn."
)


def page(table: pd.DataFrame, summary: Mapping[str, Any]) -> str:
    """HTML. table: the report, worst first. summary: as in feature_leakage_summary.json, with `findings`."""
    severities = {f["severity"] for f in summary["findings"]}
    worst = next((s for s in ("issue", "warning") if s in severities), "passed")
    parts = [
        f'<p class="verdict {worst}">{_with_code(summary["verdict"])}</p>',
        _simulated(summary),
        _counts(summary),
        _ranking(table),
        _families(summary),
        _checks(summary),
        _notes(summary),
        _tables(summary),
        _pairs(summary),
        _flagged(table),
        f"<h2>How to read this</h2><p>{EXPLANATION}</p>",
        _origin(summary),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="Content-Security-Policy" content="{safe(POLICY)}"><meta name="color-scheme" content="light '
        f'dark"><title>Leakage audit</title><style>{STYLE}</style></head><body><main><h1>Leakage audit</h1>'
        f"{''.join(parts)}</main></body></html>\n"
    )


def _simulated(summary: Mapping[str, Any]) -> str:
    if not summary["simulated"]:
        return ""
    return (
        '<p class="banner"><strong>Simulated data</strong>: these images come from cgid\'s own demo sets, not from '
        "cameras or generators.</p>"
    )


def _counts(summary: Mapping[str, Any]) -> str:
    classes = summary["class_counts"]
    counts = (
        ("images", f"{summary['total_rows']} ({classes['real']} real, {classes['ai']} AI)"),
        ("independent groups", summary["groups"]),
        ("features", summary["feature_count"]),
        ("perfect separators", summary["perfect_separator_count"]),
        ("near-perfect or better", summary["near_perfect_count"]),
        ("without variance", summary["zero_variance_count"]),
    )
    return '<dl class="counts">' + "".join(f"<div><dt>{n}</dt><dd>{safe(v)}</dd></div>" for n, v in counts) + "</dl>"


def _ranking(table: pd.DataFrame) -> str:
    rows = table.dropna(subset=["auc"]).sort_values("auc", ascending=False, kind="stable").head(MAX_BARS)
    if not len(rows):
        return "<h2>Features that predict the label on their own</h2><p>No feature could be ranked.</p>"
    return (
        f"<h2>Features that predict the label on their own</h2>{ranked(rows.to_dict('records'))}<p class=note>AUC of each "
        f"feature alone, the {len(rows)} highest of {len(table)}. Dashed line: 0.95. Whiskers: 95 % intervals. "
        "<span class=key><span class=issue>issue</span> <span class=warning>warning</span> <span class=fine>not flagged"
        "</span></span></p>"
    )


def _families(summary: Mapping[str, Any]) -> str:
    metrics = {n: f["balanced_accuracy"] for n, f in summary["families"].items()}
    probed = [(n, f) for n, f in metrics.items() if f["value"] is not None]
    chart = families(probed) if probed else "<p>Too few independent groups to test.</p>"
    refused, gate = gate_result(summary["families"])
    return (
        f"<h2>Families</h2>{chart}<p class=note>Balanced accuracy of a small model of one family alone, on "
        f'images it was not fitted to; dashed line: chance level.</p><p class="{"warning" if refused else "plain"}">'
        f"{safe(gate)}</p>"
    )


def _checks(summary: Mapping[str, Any]) -> str:
    order = list(RESULTS)
    rows = "".join(
        f'<tr><td><span class="badge {c["result"]}">{Severity(c["result"]).label}</span></td><th scope="row">{safe(c["title"])}'
        f"</th><td>{_with_code(c['finding'])}<br><em>{_with_code(c['remedy'])}</em></td></tr>"
        for c in sorted(summary["dataset_checks"], key=lambda c: order.index(c["result"]))
    )
    return (
        '<h2>Checks of the data set</h2><div class="wide"><table class="stacked"><thead><tr><th>result</th><th>check</th><th>finding, '
        f"and what to do</th></tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _notes(summary: Mapping[str, Any]) -> str:
    """Non-numeric cells of the table, where there are more than the check's own sentence names."""
    none: Mapping[str, Any] = {"details": {}}
    check = next((c for c in summary["dataset_checks"] if c["code"] == "readable_values"), none)
    notes = check["details"].get("notes") or []
    if len(notes) < 2:
        return ""
    more = check["details"]["count"] - len(notes)
    rest = f"<p>{more} more.</p>" if more else ""
    return f"<h2>Notes on the table</h2><ul>{''.join(f'<li>{safe(n)}</li>' for n in notes)}</ul>{rest}"


def _tables(summary: Mapping[str, Any]) -> str:
    tables = from_summary(summary)
    if not tables:
        return ""
    return (
        '<h2>Format, size and quality by class</h2><div class="tables">'
        + "".join(heat(what, rows) for what, rows in tables.items())
        + "</div><p class=note>Images of each class; the shade is the fraction of the class. Where the columns "
        "differ, a model can predict the class from the file.</p>"
    )


def _pairs(summary: Mapping[str, Any]) -> str:
    check = next((c for c in summary["dataset_checks"] if c["code"] == "near_duplicates_across_splits"), None)
    pairs = (check or {"details": {}})["details"].get("pairs") or []
    rows = "".join(
        f"<tr><td>{safe(p['first'], 120)}<br><small>{safe(p['first_split'], 40)}</small></td><td>"
        f"{safe(p['second'], 120)}<br><small>{safe(p['second_split'], 40)}</small></td><td>{safe(p['distance'])}</td></tr>"
        for p in pairs
    )
    if not rows:
        return ""
    head = "<tr><th>image</th><th>near-duplicate</th><th>distance (of 64 bits)</th></tr>"
    return f"<h2>Near-duplicates across splits</h2><table><thead>{head}</thead><tbody>{rows}</tbody></table>"


def _flagged(table: pd.DataFrame) -> str:
    flagged = table[table["severity"] != "none"]
    title = f"<h2>Flagged features ({len(flagged)} of {len(table)})</h2>"
    if not len(flagged):
        return f"{title}<p>None.</p>"
    rows = "".join(
        f'<tr><td><span class="badge {safe(r["severity"])}">{safe(r["severity"])}</span></td><th scope="row"><code>'
        f"{safe(r['feature'], 120)}</code></th><td>{safe(r['family'], 40)}</td><td>{_with_code(r['finding'])}</td></tr>"
        for r in flagged.head(MAX_FEATURES).to_dict("records")
    )
    more = len(flagged) - MAX_FEATURES
    rest = f"<p>{more} more are in <code>feature_leakage_report.csv</code>.</p>" if more > 0 else ""
    head = "<tr><th>severity</th><th>feature</th><th>family</th><th>finding</th></tr>"
    return f'{title}<div class="wide"><table class="stacked"><thead>{head}</thead><tbody>{rows}</tbody></table></div>{rest}'


def _origin(summary: Mapping[str, Any]) -> str:
    read, versions = summary["input"], ", ".join(f"{n} {v}" for n, v in summary["versions"].items())
    fields = (
        ("table", f"<code>{safe(read['path'])}</code>"),
        ("sha256", f"<code>{safe(read['sha256'])}</code>"),
        ("bootstrap resamples, seed", f"{safe(read['bootstrap'])}, {safe(read['seed'])}"),
        ("versions", safe(versions)),
    )
    return "<h2>Origin</h2><dl>" + "".join(f"<div><dt>{n}</dt><dd>{v}</dd></div>" for n, v in fields) + "</dl>"


def _with_code(sentence: object) -> str:
    """A finding as HTML, with text between backticks as code."""
    parts = safe(sentence, 900).split("`")
    return "".join(f"<code>{p}</code>" if i % 2 and i < len(parts) - 1 else p for i, p in enumerate(parts))
