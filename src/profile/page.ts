/** The profile as one HTML page that needs nothing else: no request leaves it, and its own policy forbids any. */

import { type FlameData, flameData } from './flame-data.js';
import { bytesText, escapeHtml, msText, percentText, scriptJson, tableHtml } from './html.js';
import type { Overhead, Ratio } from './overhead.js';
import { PAGE_STYLE } from './page-style.js';
import type { Recording, SamplingOptions } from './recording.js';
import type { Summary } from './summary.js';
import type { ThreadProfile } from './thread-profile.js';
import { timelineHtml } from './timeline.js';

export interface PageInput {
  readonly title: string;
  /** What ran on what: shown as it is. */
  readonly facts: Readonly<Record<string, string>>;
  readonly sampling: SamplingOptions;
  readonly recording: Recording;
  readonly profiles: readonly ThreadProfile[];
  readonly summary: Summary;
  readonly overhead: Overhead | undefined;
  /** The compiled `page/flame.ts`. */
  readonly script: string;
}

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

export function profilePage(input: PageInput): string {
  const { title, recording, profiles, summary, overhead } = input;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<header><h1>${escapeHtml(title)}</h1>
${factsHtml(input)}</header>
<main>
<section aria-labelledby="h-phases"><h2 id="h-phases">Where the time went</h2>${phasesHtml(summary)}</section>
<section aria-labelledby="h-lanes"><h2 id="h-lanes">Threads over time, ms</h2>
<p>Phases on main, tasks on the workers; garbage collection is the thin line beneath. Point at a bar for what it was.</p>
${legendHtml(LANE_COLOURS)}
${timelineHtml(recording)}</section>
<section aria-labelledby="h-flame"><h2 id="h-flame">Flame graph</h2>${flameHtml(input.sampling)}</section>
<section aria-labelledby="h-hot"><h2 id="h-hot">The ten hottest functions, over all threads</h2>${hotHtml(summary)}</section>
<section aria-labelledby="h-threads"><h2 id="h-threads">Threads: work, allocation, garbage collection</h2>
<p>Allocation is estimated from samples, and counts the JavaScript heap alone: buffers and the kernel's memory lie outside it.</p>
${threadsHtml(summary)}<h2>Where the heap was allocated</h2>${allocationsHtml(summary)}</section>
<section aria-labelledby="h-overhead"><h2 id="h-overhead">What recording costs</h2>${overheadHtml(overhead)}</section>
</main>
<script type="application/json" id="flame-data">${scriptJson(flameData(profiles) satisfies FlameData)}</script>
<script type="module">${withoutEnd(input.script)}</script>
</body>
</html>
`;
}

/** Nothing in the script may end its element. */
function withoutEnd(script: string): string {
  return script.replaceAll('</script', '<\\/script');
}

function factsHtml({ facts, summary, profiles }: PageInput): string {
  const all = {
    'Wall time': `${msText(summary.wallMs)} ms`,
    'Most memory': bytesText(summary.peakRssBytes),
    Threads: `${profiles.length}`,
    ...facts,
  };
  const cells = Object.entries(all).map(
    ([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`,
  );
  return `<dl class="facts">${cells.join('')}</dl>`;
}

function barHtml(share: number): string {
  const width = Math.round(Math.min(1, share) * 100);
  return `<span class="bar" aria-hidden="true"><i style="width:${width}%"></i></span>${percentText(share)}`;
}

function phasesHtml({ phases, runs, threads }: Summary): string {
  const workers = threads.length - 1;
  const rows = phases.map((row) => [
    escapeHtml(row.phase),
    msText(row.ms),
    ...(runs > 1 ? [msText(row.ms / runs)] : []),
    barHtml(row.share),
    row.tasks === 0 ? '' : row.tasks.toLocaleString('en-US'),
    row.tasks === 0 ? '' : `${row.workersBusy.toFixed(2)} of ${workers}`,
    row.tasks === 0 ? '' : msText(row.waitMs),
    msText(row.gcMs),
    row.storeCalls === 0 ? '' : row.storeCalls.toLocaleString('en-US'),
    row.readBytes === 0 ? '' : bytesText(row.readBytes),
    row.writtenBytes === 0 ? '' : bytesText(row.writtenBytes),
  ]);
  const number = (head: string, hint?: string) => ({ head, isNumber: true, ...(hint && { hint }) });
  const columns = [
    { head: 'Phase' },
    number('ms'),
    ...(runs > 1 ? [number('ms a run')] : []),
    { head: 'Share' },
    number('Tasks'),
    number('Workers busy', 'threads at work on tasks, on average'),
    number('Wait a task, ms', 'from being asked for to a thread taking it'),
    number('GC, ms', 'garbage collection of all threads'),
    number('Store calls'),
    number('Read'),
    number('Written'),
  ];
  return tableHtml('Time by phase', columns, rows, new Set([phases.length - 1]));
}

function flameHtml({ intervalUs }: SamplingOptions): string {
  return `<p>Callers above, what they called below, width is time. A sample every ${intervalUs} µs of wall time: a thread that the
system held back stays where it was. Click or Enter zooms, again or Escape comes back, arrow keys move.</p>
<div class="tools"><label>Thread <select id="flame-thread"><option value="all">all</option></select></label>
<label>Find <input type="search" id="flame-search" autocomplete="off" spellcheck="false"></label>
<label><input type="checkbox" id="flame-idle"> with waiting</label>
<button type="button" id="flame-reset" disabled>Zoom out</button></div>
${legendHtml(FLAME_COLOURS)}
<div id="flame" role="tree" aria-label="Call tree by time"></div>
<p id="flame-detail" role="status" aria-live="polite"></p>
<noscript><p>The flame graph is drawn by a script in this page; the tables are whole without it.</p></noscript>`;
}

const FLAME_COLOURS = {
  kernel: 'kernel',
  wasm: 'other wasm',
  own: 'Tidemark',
  package: 'packages',
  node: 'Node and V8',
  gc: 'garbage collection',
  idle: 'waiting',
};

const LANE_COLOURS = {
  select: 'select',
  read: 'read',
  build: 'build, shard',
  merge: 'merge',
  seal: 'seal, compress',
  commit: 'commit',
  pause: 'garbage collection',
};

function legendHtml(colours: Readonly<Record<string, string>>): string {
  const items = Object.entries(colours).map(
    ([name, text]) => `<li><i style="background:var(--${name})"></i>${escapeHtml(text)}</li>`,
  );
  return `<ul class="legend">${items.join('')}</ul>`;
}

function functionHtml(name: string, place: string): string {
  return `<code>${escapeHtml(name)}</code>${place === '' ? '' : ` <span class="place">${escapeHtml(place)}</span>`}`;
}

function hotHtml({ hottest }: Summary): string {
  const rows = hottest.map(({ name, place, selfMs, totalMs, share, threads }) => [
    functionHtml(name, place),
    msText(selfMs),
    barHtml(share),
    msText(totalMs),
    escapeHtml(threads.join(', ')),
  ]);
  const columns = [
    { head: 'Function' },
    { head: 'Itself, ms', isNumber: true },
    { head: 'Of all work' },
    { head: 'With callees, ms', isNumber: true },
    { head: 'Threads' },
  ];
  return tableHtml('The ten hottest functions', columns, rows);
}

function threadsHtml({ threads }: Summary): string {
  const rows = threads.map((row) => [
    escapeHtml(row.name),
    msText(row.busyMs),
    barHtml(row.busyShare),
    row.tasks.toLocaleString('en-US'),
    bytesText(row.allocatedBytes),
    row.gcCount.toLocaleString('en-US'),
    msText(row.gcMs),
    msText(row.gcLongestMs),
    bytesText(row.kernelBytes),
  ]);
  const number = (head: string) => ({ head, isNumber: true });
  const columns = [
    { head: 'Thread' },
    number('At work, ms'),
    { head: 'Of the wall time' },
    ...['Tasks', 'Allocated', 'Collections', 'GC, ms', 'Longest, ms', 'Kernel memory'].map(number),
  ];
  return tableHtml('Threads', columns, rows);
}

function allocationsHtml({ threads }: Summary): string {
  const rows = threads.flatMap(({ name, topAllocations, allocatedBytes }) =>
    topAllocations.map((site) => [
      functionHtml(site.name, site.place),
      escapeHtml(name),
      bytesText(site.bytes),
      barHtml(allocatedBytes === 0 ? 0 : site.bytes / allocatedBytes),
    ]),
  );
  const columns = [
    { head: 'Function' },
    { head: 'Thread' },
    { head: 'Allocated', isNumber: true },
    { head: "Of the thread's" },
  ];
  return tableHtml('Where the heap was allocated', columns, rows);
}

function overheadHtml(overhead: Overhead | undefined): string {
  if (overhead === undefined) return '<p>Not measured for this profile (<code>--no-overhead</code>).</p>';
  const { pairs, wall, cpu } = overhead;
  const rows = pairs.map(({ plain, recorded }, i) => [
    `${i + 1}`,
    ...[plain.wallMs, recorded.wallMs].map(msText),
    (recorded.wallMs / plain.wallMs).toFixed(3),
    ...[plain.cpuMs, recorded.cpuMs].map(msText),
    (recorded.cpuMs / plain.cpuMs).toFixed(3),
  ]);
  const heads = ['Pair', 'Plain, ms', 'Recorded, ms', 'Ratio', 'Plain, CPU ms', 'Recorded, CPU ms', 'Ratio'];
  const columns = heads.map((head, i) => ({ head, isNumber: i > 0 }));
  const told = ({ median, min, max }: Ratio) => `${median.toFixed(3)} (${min.toFixed(3)} to ${max.toFixed(3)})`;
  return `<p>The same build on warm threads, unrecorded and recorded in turns. Recorded over unrecorded, median of ${pairs.length}:
<strong>${told(wall)}</strong> in wall time, <strong>${told(cpu)}</strong> in CPU time of the process. Where other programs share the machine,
wall time says more about them.</p>${tableHtml('Pairs of runs', columns, rows)}`;
}
