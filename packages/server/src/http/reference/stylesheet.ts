/** How the reference looks; light and dark, on a screen of any width and on paper. */
export const stylesheet = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#ffffff, #14161a);
  --panel: light-dark(#f6f7f9, #1a1d23);
  --line: light-dark(#e3e6eb, #2b3038);
  --ink: light-dark(#1c2430, #dfe4ec);
  --soft: light-dark(#5b6675, #98a2b1);
  --accent: light-dark(#2f5bd8, #8fb0ff);
  --code: light-dark(#eef1f6, #242932);
  --night: #171b22;
  --night-ink: #d8dee9;
  --get: light-dark(#0b6e4f, #5cd6a9);
  --post: light-dark(#2456c9, #86aaff);
  --change: light-dark(#945700, #f0b45c);
  --delete: light-dark(#b3261e, #ff8f86);
  --sans: ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Noto Sans", sans-serif;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace;
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1.5rem; -webkit-text-size-adjust: 100%; }
body { margin: 0; display: grid; grid-template-columns: 17rem minmax(0, 1fr); background: var(--paper); color: var(--ink); font: 400 0.9375rem/1.6 var(--sans); }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
code { font-family: var(--mono); font-size: 0.86em; background: var(--code); border-radius: 4px; padding: 0.1em 0.35em; overflow-wrap: anywhere; }

nav { position: sticky; top: 0; align-self: start; height: 100vh; overflow-y: auto; padding: 1.5rem 1rem 3rem 1.5rem; background: var(--panel); border-right: 1px solid var(--line); font-size: 0.84rem; }
nav .brand { display: block; margin-bottom: 1.25rem; color: var(--ink); font-size: 1.15rem; font-weight: 700; letter-spacing: -0.01em; }
nav h2 { margin: 1.2rem 0 0.3rem; font-size: 0.7rem; font-weight: 650; letter-spacing: 0.08em; text-transform: uppercase; }
nav h2 a { color: var(--soft); }
nav ul { margin: 0; padding: 0; list-style: none; }
nav li a { display: grid; grid-template-columns: 3.1rem 1fr; gap: 0.25rem; align-items: baseline; padding: 0.17rem 0.4rem; margin-left: -0.4rem; border-radius: 5px; color: var(--ink); line-height: 1.35; }
nav li a:hover { background: var(--code); text-decoration: none; }

.method { font: 650 0.66rem/1 var(--mono); letter-spacing: 0.02em; }
.method.get { color: var(--get); } .method.post { color: var(--post); }
.method.put, .method.patch { color: var(--change); } .method.delete { color: var(--delete); }

main { padding: 3rem clamp(1.25rem, 4vw, 4rem) 6rem; max-width: 92rem; }
main header { max-width: 46rem; }
h1 { margin: 0; font-size: 2.1rem; line-height: 1.15; letter-spacing: -0.025em; }
.version { margin: 0.4rem 0 1.5rem; color: var(--soft); }
main > section { margin-top: 4.5rem; }
main > section > h2 { margin: 0 0 1rem; padding-bottom: 0.6rem; border-bottom: 1px solid var(--line); font-size: 1.5rem; letter-spacing: -0.015em; }

article { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 30rem); gap: 2.5rem; padding: 2.25rem 0; border-bottom: 1px solid var(--line); }
article:last-child { border-bottom: 0; }
article h3 { margin: 0; font-size: 1.2rem; letter-spacing: -0.01em; }
article h3 a { color: inherit; }
article h4 { margin: 1.6rem 0 0.3rem; font-size: 0.78rem; font-weight: 650; letter-spacing: 0.06em; text-transform: uppercase; color: var(--soft); }
.address { display: flex; flex-wrap: wrap; gap: 0.6rem; align-items: baseline; margin: 0.4rem 0; }
.address .method { font-size: 0.8rem; }
.address code { padding: 0; background: none; font-size: 0.9rem; }
.badges { display: flex; flex-wrap: wrap; gap: 0.35rem; margin: 0.6rem 0; }
.badges span { padding: 0.05rem 0.55rem; border: 1px solid var(--line); border-radius: 99px; color: var(--soft); font-size: 0.75rem; }
.badges code { padding: 0; background: none; }
.words > p { margin: 0.6rem 0; }

.fields { margin: 0; }
.fields dt { padding-top: 0.55rem; border-top: 1px solid var(--line); }
.fields dt:first-child { border-top: 0; }
.fields dd { margin: 0 0 0.5rem; }
.fields dd p { margin: 0.1rem 0; color: var(--soft); }
.name { padding: 0; background: none; font-size: 0.88rem; font-weight: 600; color: var(--ink); }
.type { margin-left: 0.5rem; color: var(--soft); font: 400 0.8rem var(--mono); }
.required { margin-left: 0.5rem; color: var(--delete); font-size: 0.72rem; font-weight: 600; }
.bounds, .values { font-size: 0.82rem; color: var(--soft); }
details { margin: 0.35rem 0; }
details > .fields { margin: 0.3rem 0 0.3rem 0.35rem; padding-left: 1rem; border-left: 2px solid var(--line); }
summary { width: fit-content; cursor: pointer; color: var(--accent); font-size: 0.82rem; }
.status { font: 600 0.74rem var(--mono); color: var(--soft); letter-spacing: 0; }
.codes { display: flex; flex-wrap: wrap; gap: 0.3rem 0.9rem; }
.codes a { font: 400 0.79rem var(--mono); }

.sample { position: sticky; top: 1.5rem; align-self: start; display: grid; gap: 0.75rem; }
.sample pre { margin: 0; max-height: 27rem; overflow: auto; padding: 1rem 1.1rem; border-radius: 9px; background: var(--night); color: var(--night-ink); font: 400 0.78rem/1.55 var(--mono); tab-size: 2; }
.sample pre.answer { background: var(--panel); color: var(--ink); border: 1px solid var(--line); }
.sample pre code { padding: 0; background: none; font-size: inherit; white-space: pre; overflow-wrap: normal; }

.table { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: 0.5rem 1rem 0.5rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { font-size: 0.78rem; color: var(--soft); }
td.number { font: 400 0.85rem/1.8 var(--mono); white-space: nowrap; }
td code { white-space: nowrap; }
tr:target td, article:target h3 { background: color-mix(in srgb, var(--accent) 12%, transparent); }

@media (max-width: 72rem) { article { grid-template-columns: minmax(0, 1fr); gap: 1.25rem; } .sample { position: static; } }
@media (max-width: 48rem) {
  body { display: block; }
  nav { position: static; height: auto; padding: 1.25rem; border-right: 0; border-bottom: 1px solid var(--line); }
  nav section ul { columns: 2; }
  main { padding-top: 2rem; }
}
@media print { nav { display: none; } body { display: block; } .sample pre { max-height: none; white-space: pre-wrap; } }
`;
