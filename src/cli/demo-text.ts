/** The demo's lines: one a run as it happens, then searches. */
import pc from 'picocolors';
import { toIso } from '../base/time.js';
import { PHASES } from '../coordinator/phases.js';
import type { DemoResult, DemoRun } from '../demo/demo.js';
import { formatCount, formatTable } from './format.js';
import { formatHitRows } from './hits-text.js';

/** Widths of the run table's columns: it is printed as it grows, so they cannot follow the cells. */
const COLUMNS: readonly (readonly [title: string, width: number])[] = [
  ['partition', 9],
  ['built', 6],
  ['live', 6],
  ...PHASES.map((phase) => [phase, Math.max(phase.length, 4)] as const),
  ['total ms', 8],
  ['fresh ms', 8],
  ['watermark', 17],
];

const line = (cells: readonly string[]) => cells.map((cell, i) => cell.padStart(COLUMNS[i]![1])).join('  ');

/** The run table's head. */
export function demoHead(hasColor: boolean): string {
  const { dim } = pc.createColors(hasColor);
  return `${dim(line(COLUMNS.map(([title]) => title)))}\n`;
}

/** One run's line: partitions as hour and minute, times in ms. */
export function demoRunLine({ partitions, report }: DemoRun, hasColor: boolean): string {
  const { green } = pc.createColors(hasColor);
  const [first, ...more] = partitions.map((time) => toIso(time).slice(11, 16));
  const { builtDocs, live, phases, totalMs, freshnessMs, watermark } = report;
  const cells = [
    more.length === 0 ? (first ?? 'late') : `${first}+${more.length}`,
    formatCount(builtDocs),
    formatCount(live),
    ...PHASES.map((phase) => formatCount(phases[phase])),
    formatCount(totalMs),
    freshnessMs === null ? '' : formatCount(freshnessMs),
    (watermark ?? '').slice(0, 16).concat('Z'),
  ];
  return `${green(line(cells))}\n`;
}

/** What the index answers, and what to try next. */
export function demoAnswers({ searches, terms }: DemoResult, hasColor: boolean): string {
  const { bold, dim } = pc.createColors(hasColor);
  const lines: string[] = [];
  for (const { query, total, totalRelation, tookMs, hits } of searches) {
    const relation = totalRelation === 'gte' ? 'at least ' : '';
    const facts = `${relation}${formatCount(total)} hits in ${tookMs.toFixed(1)} ms`;
    lines.push('', `${bold(query)}  ${dim(facts)}`, ...formatHitRows(hits));
  }
  const counts = terms.map(({ field, term, docFreq }) => [`${field}:${term}`, formatCount(docFreq)]);
  lines.push('', bold('documents that hold a term'), ...formatTable(counts, [1]).map((row) => `  ${row}`));
  lines.push(
    '',
    'Next: keep an index of your own, for example',
    '  node dist/cli.js build --source demo/data/packages --index /tmp/index --id package --text name,summary --stored name',
    "  node dist/cli.js search --index /tmp/index 'react table'",
  );
  return `${lines.join('\n')}\n`;
}
