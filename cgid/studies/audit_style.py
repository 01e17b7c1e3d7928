"""The style sheet of the audit's HTML report: system fonts, light and dark by the reader's choice, fit for paper."""

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
