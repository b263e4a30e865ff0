/** The page's style sheet: light and dark by the reader's setting, from a phone's width up. Contrast of text on each colour is at least 4.5. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --bg: #fbfbfa; --fg: #1d232b; --dim: #59636f; --line: #d9dde2; --card: #ffffff; --accent: #1f5fa8;
  --kernel: #7fd1b9; --wasm: #c9b3e6; --own: #9cc7f0; --package: #f2cf8d; --node: #d3d8de; --gc: #f0a3a0; --idle: #eceef0; --thread: #c3cbd4;
  --on: #14181d; --found: #d6336c; --select: #b9c2cc; --read: #c9b3e6; --build: #7fd1b9; --merge: #9cc7f0; --seal: #f2cf8d; --commit: #f0a3a0; --compress: #f2cf8d; --pause: #c92a2a; }
@media (prefers-color-scheme: dark) {
  :root { --bg: #14171b; --fg: #e4e8ec; --dim: #9aa5b1; --line: #2e353d; --card: #1b2026; --accent: #7db4f0;
    --kernel: #2f7f68; --wasm: #6c4f95; --own: #2c649c; --package: #83601c; --node: #464f59; --gc: #9a3f3c; --idle: #242a31; --thread: #3a444f;
    --on: #f4f6f8; --found: #ff8fb3; --select: #56616d; --read: #6c4f95; --build: #2f7f68; --merge: #2c649c; --seal: #83601c; --commit: #9a3f3c; --compress: #83601c; --pause: #ff8f8b; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 82rem; padding: 1rem clamp(.75rem, 2.5vw, 2rem) 3rem; background: var(--bg); color: var(--fg); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.45rem; margin: .5rem 0 .2rem; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 2rem 0 .6rem; }
p { margin: .4rem 0; color: var(--dim); max-width: 60rem; }
strong { color: var(--fg); }
code { font-family: ui-monospace, monospace; font-size: .92em; overflow-wrap: anywhere; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)); gap: .6rem; margin: 1rem 0 0; padding: 0; }
.facts div { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .5rem .7rem; }
.facts dt { color: var(--dim); font-size: .8rem; }
.facts dd { margin: 0; font-size: 1.1rem; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-size: .88rem; font-variant-numeric: tabular-nums; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { padding: .35rem .7rem; text-align: left; font-weight: 400; white-space: nowrap; border-bottom: 1px solid var(--line); }
thead th { color: var(--dim); font-size: .8rem; }
tbody tr:last-child > * { border-bottom: 0; }
.n { text-align: right; }
.strong > * { font-weight: 650; }
.place { color: var(--dim); }
.bar { display: inline-block; width: 5rem; height: .6rem; margin-right: .5rem; background: var(--idle); border-radius: 2px; overflow: hidden; }
.bar i { display: block; height: 100%; background: var(--own); }
.lanes { display: grid; grid-template-columns: max-content 1fr; gap: .3rem .7rem; align-items: center; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .7rem; }
.lane-name { font-size: .85rem; color: var(--dim); }
.lane { display: block; width: 100%; height: 30px; background: var(--idle); border-radius: 3px; }
.ticks { display: flex; justify-content: space-between; font-size: .75rem; color: var(--dim); font-variant-numeric: tabular-nums; }
.b-select { fill: var(--select); } .b-read { fill: var(--read); } .b-build, .b-shard { fill: var(--build); } .b-merge { fill: var(--merge); }
.b-seal { fill: var(--seal); } .b-commit { fill: var(--commit); } .b-compress { fill: var(--compress); } .b-gc { fill: var(--pause); }
.tools { display: flex; flex-wrap: wrap; gap: .5rem .9rem; align-items: center; margin: .6rem 0; font-size: .88rem; }
.tools label { display: inline-flex; gap: .4rem; align-items: center; color: var(--dim); }
select, input[type=search], button { font: inherit; color: var(--fg); background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .3rem .5rem; max-width: 100%; }
button:disabled { opacity: .5; }
#flame { position: relative; overflow: hidden; background: var(--card); border-radius: 4px; }
.frame { position: absolute; height: 21px; padding: 0 4px; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; font: 12px/21px ui-monospace, monospace; color: var(--on); border-right: 1px solid var(--card); border-radius: 2px; cursor: pointer; }
.frame:hover { filter: brightness(1.08); }
.frame:focus-visible, select:focus-visible, input:focus-visible, button:focus-visible, .scroll:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
.found { box-shadow: inset 0 0 0 2px var(--found); }
.k-kernel { background: var(--kernel); } .k-wasm { background: var(--wasm); } .k-own { background: var(--own); } .k-package { background: var(--package); }
.k-node { background: var(--node); } .k-gc { background: var(--gc); } .k-idle { background: var(--idle); color: var(--dim); } .k-thread { background: var(--thread); }
#flame-detail { min-height: 1.5em; font-family: ui-monospace, monospace; font-size: .82rem; color: var(--fg); overflow-wrap: anywhere; }
@media (max-width: 40rem) {
  th, td { padding: .35rem .5rem; }
  tbody th { white-space: normal; overflow-wrap: anywhere; min-width: 9rem; }
  .place { display: block; font-size: .8rem; }
  .bar { display: none; }
}
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1rem; padding: 0; margin: .5rem 0; list-style: none; font-size: .82rem; color: var(--dim); }
.legend i { display: inline-block; width: .8rem; height: .8rem; border-radius: 3px; margin-right: .35rem; vertical-align: -1px; border: 1px solid var(--line); }
`;
