"""How an HTML report looks: one narrow column, colours for light and dark, black on white on paper."""

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
