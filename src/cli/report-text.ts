/** A run's report as people read it. */
import type { RunReport } from '../coordinator/report.js';
import { formatBytes, formatCount, formatDuration, formatTable, shortIso } from './format.js';

/** Skipped or ignored names shown; JSON has them all. */
const MAX_LISTED = 20;

/** Lines of text, the last one ended too. */
export function formatReport(report: RunReport): string {
  const lines = [titleOf(report), ...factsOf(report)];
  const { skipped } = report;
  lines.push(...listOf('skipped', skipped, ({ time, reason, detail }) => [shortIso(time), reason, detail ?? '']));
  lines.push(...listOf('ignored', report.ignored, ({ key, reason }) => [key, reason]));
  return `${lines.join('\n')}\n`;
}

function titleOf({ committed, generation, watermark, outcome }: RunReport): string {
  const at = watermark === null ? 'no watermark yet' : `watermark ${shortIso(watermark)}`;
  if (committed) return `committed generation ${generation}, ${at}${outcome === 'met' ? '' : `, deadline ${outcome}`}`;
  return generation === 0 ? 'nothing to do: no partition is ready' : `nothing new: generation ${generation}, ${at}`;
}

function factsOf(report: RunReport): string[] {
  const { docs, live, killed, rejected, builtDocs, segments, totalMs, freshnessMs } = report;
  const phases = Object.entries(report.phases).map(([phase, ms]) => `${phase} ${formatCount(ms)}`);
  const freshness = freshnessMs === null ? '' : `, freshness ${formatDuration(freshnessMs)}`;
  const facts = [
    ['built', `${formatCount(builtDocs)} documents in ${formatDuration(totalMs)}${freshness}`],
    [
      'index',
      `${formatCount(live)} live of ${formatCount(docs)} stored, ${formatCount(killed)} killed, ${formatCount(rejected)} rows rejected`,
    ],
    ['phases', `${phases.join('  ')}  (ms)`],
    ...segments.map(({ name, bytes, docs: stored }, i) => [
      i === 0 ? 'segments' : '',
      `${name}  ${formatBytes(bytes)}  ${formatCount(stored)} documents`,
    ]),
  ];
  return formatTable(facts).map((line) => `  ${line}`);
}

function listOf<T>(title: string, items: readonly T[], cells: (item: T) => string[]): string[] {
  if (items.length === 0) return [];
  const lines = formatTable(items.slice(0, MAX_LISTED).map(cells)).map((line) => `    ${line}`);
  if (items.length > MAX_LISTED) lines.push(`    and ${formatCount(items.length - MAX_LISTED)} more`);
  return [`  ${title}`, ...lines];
}
