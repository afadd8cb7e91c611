"""The style sheet of the page: light and dark, wide and narrow, on screen and on paper; nothing is fetched for it."""

CSS = """
:root {
  --paper: #fdfdfb; --ink: #1c1d21; --soft: #5a5d66; --line: #d5d6d9; --link: #0b57a4; --box: #f3f3ef;
  --keeps: #0b6b46; --unclear: #8a5a00; --vanishes: #8a5a00; --explodes: #a4262c; --measure: 42rem;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #16181c; --ink: #e4e4e0; --soft: #a3a7b0; --line: #3b3f47; --link: #8fbcf5; --box: #1f2228;
    --keeps: #6fd3a4; --unclear: #eab95a; --vanishes: #eab95a; --explodes: #ff9b97;
  }
}
* { box-sizing: border-box; }
html { color-scheme: light dark; -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 2.5rem 1.25rem 5rem; background: var(--paper); color: var(--ink); max-width: 70rem;
  font: 1.0625rem/1.6 Charter, "Bitstream Charter", "Sitka Text", Cambria, "Noto Serif", "Liberation Serif", serif;
  overflow-wrap: break-word;
}
h1, h2, .subtitle, .badge, figcaption, table, .skip, dl {
  font-family: system-ui, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif;
}
h1 { font-size: 1.9rem; line-height: 1.15; margin: 0 0 .4rem; text-wrap: balance; }
h2 { font-size: 1.25rem; line-height: 1.25; margin: 0 0 .5rem; text-wrap: balance; }
p { margin: 0 0 .9rem; max-width: var(--measure); }
.subtitle { color: var(--soft); margin: 0 0 1.6rem; }
.lead { font-size: 1.2rem; line-height: 1.5; }
.badge {
  display: inline-block; border: 1.5px solid currentColor; border-radius: 1em; padding: 0 .62em; font-size: .8rem;
  line-height: 1.65; font-weight: 650; white-space: nowrap;
}
.keeps { color: var(--keeps); } .vanishes { color: var(--vanishes); }
.unclear { color: var(--unclear); } .explodes { color: var(--explodes); }
section { border-top: 1px solid var(--line); padding: 1.6rem 0 .8rem; }
.finding { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1.05fr); gap: 1rem 2.2rem; }
.finding > h2 { grid-column: 1 / -1; }
.finding.alone { display: block; }
figure { margin: 0; }
.card { background: #fff; border: 1px solid var(--line); border-radius: 6px; padding: .6rem; }
.card img { display: block; width: 100%; height: auto; }
figcaption { color: var(--soft); font-size: .85rem; line-height: 1.45; margin: .5rem 0 .6rem; }
.scroll { overflow-x: auto; margin: .4rem 0 1rem; }
table { border-collapse: collapse; font-size: .88rem; font-variant-numeric: lining-nums tabular-nums; min-width: 100%; }
caption { text-align: left; color: var(--soft); padding-bottom: .3rem; }
th, td { text-align: right; padding: .35rem .9rem .35rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
td.wrap, th.wrap { white-space: normal; text-align: left; min-width: 16rem; }
thead th { border-bottom: 2px solid var(--ink); font-weight: 650; vertical-align: bottom; }
tr.best td { font-weight: 650; }
code { font: .84em/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
dl { font-size: .9rem; line-height: 1.5; margin: 0; max-width: var(--measure); }
dt { font-weight: 650; } dd { margin: 0 0 .6rem; }
ul { padding-left: 1.2rem; max-width: var(--measure); margin: 0 0 1rem; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 2px; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 1rem; padding: .5rem .8rem; background: var(--paper); z-index: 2; }
@media (max-width: 52rem) {
  body { padding: 1.2rem 1rem 3rem; }
  h1 { font-size: 1.55rem; }
  .finding { display: block; }
  .card { margin: 0 -1rem; border-radius: 0; border-inline: 0; padding: .3rem; }
}
@media print {
  :root { --paper: #fff; --ink: #000; --soft: #444; --line: #bbb; --link: #000; --box: #f5f5f5; }
  body { padding: 0; font-size: 10pt; }
  section, figure, tr { break-inside: avoid; }
}
"""
