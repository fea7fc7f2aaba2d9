"""How a picture looks: colours for light and dark, letters, and an icon a type of state (14 by 14, drawn as lines)."""

STYLE = """
.stepsmith {
  --paper: #ffffff; --ink: #1f2328; --soft: #59636e; --line: #848d97; --box: #f6f8fa; --edge: #c4ccd4;
  --faint: #8b949e;
  --succeeded: #1a7f37; --failed: #cf222e; --caught: #9a6700; --running: #0969da; --stopped: #6e7781;
  --task: #0969da; --choice: #9a6700; --wait: #6e7781; --pass: #6e7781; --map: #8250df; --parallel: #8250df;
  --succeed: #1a7f37; --fail: #cf222e;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
@media (prefers-color-scheme: dark) {
  .stepsmith {
    --paper: #0d1117; --ink: #e6edf3; --soft: #9198a1; --line: #6e7681; --box: #161b22; --edge: #3d444d;
    --faint: #6e7681;
    --succeeded: #3fb950; --failed: #f85149; --caught: #d29922; --running: #4493f8; --stopped: #8b949e;
    --task: #4493f8; --choice: #d29922; --wait: #8b949e; --pass: #8b949e; --map: #ab7df8; --parallel: #ab7df8;
    --succeed: #3fb950; --fail: #f85149;
  }
}
.stepsmith text { fill: var(--ink); white-space: pre; }
.stepsmith .paper { fill: var(--paper); }
.stepsmith .heading { font-size: 16px; font-weight: 600; }
.stepsmith .small { font-size: 11px; fill: var(--soft); }
.stepsmith .name { font-size: 13px; font-weight: 600; }
.stepsmith .told { font-size: 11px; font-weight: 600; fill: var(--accent); }
.stepsmith .start { fill: var(--ink); }
.stepsmith .box { fill: var(--box); stroke: var(--edge); stroke-width: 1; }
.stepsmith .map > .box, .stepsmith .parallel > .box { fill: var(--paper); }
.stepsmith path { fill: none; stroke: var(--line); stroke-width: 1.4; stroke-linecap: round; stroke-linejoin: round; }
.stepsmith .icon { stroke: var(--accent); stroke-width: 1.6; }
.stepsmith .head { fill: var(--line); stroke: none; }
.stepsmith .way.caught > path:not(.head) { stroke-dasharray: 5 4; }
.stepsmith .label {
  font: 10.5px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  fill: var(--soft); text-anchor: middle;
}
.stepsmith .task { --accent: var(--task); } .stepsmith .choice { --accent: var(--choice); }
.stepsmith .wait { --accent: var(--wait); } .stepsmith .pass { --accent: var(--pass); }
.stepsmith .map { --accent: var(--map); } .stepsmith .parallel { --accent: var(--parallel); }
.stepsmith .succeed { --accent: var(--succeed); } .stepsmith .fail { --accent: var(--fail); }
.run .untouched { --accent: var(--edge); } .run .stopped { --accent: var(--stopped); }
.run .succeeded { --accent: var(--succeeded); } .run .caught { --accent: var(--caught); }
.run .failed { --accent: var(--failed); } .run .running { --accent: var(--running); }
.run .box { stroke: var(--accent); stroke-width: 1.5; fill: color-mix(in srgb, var(--accent) 9%, var(--paper)); }
.run .running > .box { stroke-width: 3; }
.run .untouched > .box { stroke-width: 1; fill: var(--paper); }
.run .untouched > text { fill: var(--faint); }
.run .way > path { stroke: var(--edge); }
.run .way > .head { stroke: none; fill: var(--edge); }
.run .way > .label { fill: var(--faint); }
.run .taken { --accent: var(--succeeded); } .run .taken.caught { --accent: var(--caught); }
.run .taken > path { stroke: var(--accent); stroke-width: 2; }
.run .taken > .head { stroke: none; fill: var(--accent); }
.run .taken > .label { fill: var(--ink); }
""".strip()

ICONS = {
    "Task": "M2 2h10v10h-10zM5.5 4.8l4 2.2l-4 2.2z",
    "Choice": "M7 1l6 6l-6 6l-6-6z",
    "Wait": "M7 1a6 6 0 1 1 0 12a6 6 0 1 1 0-12zM7 4v3.4l2.4 1.4",
    "Pass": "M1 7h11M8 3l4 4l-4 4",
    "Map": "M1 4h9v9h-9zM4 4v-3h9v9h-3",
    "Parallel": "M4 1v12M10 1v12",
    "Succeed": "M7 1a6 6 0 1 1 0 12a6 6 0 1 1 0-12zM4.2 7.2l2 2l3.6-4",
    "Fail": "M7 1a6 6 0 1 1 0 12a6 6 0 1 1 0-12zM4.8 4.8l4.4 4.4M9.2 4.8l-4.4 4.4",
}
