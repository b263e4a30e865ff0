/** The page that `npm run bench` writes: the headline table, then every scenario's own tables and plots. */
import { machineLabel } from '../harness/machine.js';
import { formatNumber, type Report, renderTable } from '../harness/report.js';
import type { Cell } from '../harness/scenario.js';

/** Folder of the plots, beside the page. */
export const PICTURES = 'benchmarks';

/** One line of the headline table; `figure` names one of the scenario's figures. */
interface Line {
  readonly scenario: string;
  readonly figure: string;
  readonly what: string;
  readonly unit: string;
  /** The figure is divided by it. */
  readonly per?: number;
}

const LINES: readonly Line[] = [
  { scenario: 'build', figure: 'threads1Ms', what: 'bench corpus to committed segment, 1 thread, warm', unit: 'ms' },
  { scenario: 'build', figure: 'threads2Ms', what: 'the same on 2 threads', unit: 'ms' },
  { scenario: 'build', figure: 'scalingRatio', what: 'times faster on 2 threads', unit: '' },
  { scenario: 'build', figure: 'segmentBytes', what: 'its segment', unit: 'MB', per: 1e6 },
  { scenario: 'cold', figure: 'coldMs', what: '`tidemark build` as a fresh process', unit: 'ms' },
  { scenario: 'cold', figure: 'coldPeakMemoryBytes', what: 'its peak memory', unit: 'MB', per: 1e6 },
  {
    scenario: 'linearity',
    figure: 'interceptMs',
    what: 'cost of a run before its first byte (a of a + b x bytes)',
    unit: 'ms',
  },
  { scenario: 'linearity', figure: 'nsPerByte', what: 'cost of a byte of text (b)', unit: 'ns' },
  {
    scenario: 'linearity',
    figure: 'largestResidualRatio',
    what: 'largest residual of that line',
    unit: '%',
    per: 0.01,
  },
  {
    scenario: 'increments',
    figure: 'window1P50Ms',
    what: '1,000 documents from landing to committed, p50',
    unit: 'ms',
  },
  { scenario: 'increments', figure: 'window1P99Ms', what: 'the same, p99', unit: 'ms' },
  { scenario: 'increments', figure: 'window1TailRatio', what: '(p99 - p99 of a trigger without news) / p50', unit: '' },
  { scenario: 'increments', figure: 'window1CpuMs', what: 'CPU time of it beyond a trigger without news', unit: 'ms' },
  {
    scenario: 'increments',
    figure: 'window12P50Ms',
    what: 'the same with the delta merged anew from 12 parts, p50',
    unit: 'ms',
  },
  { scenario: 'increments', figure: 'window1GrowthMsPer1000', what: 'growth over 1,000 triggers', unit: 'ms' },
  { scenario: 'window', figure: 'window60MBperS', what: 'merge and commit of 60 cached parts and one', unit: 'MB/s' },
  {
    scenario: 'shapes',
    figure: 'leastRatio',
    what: 'slowest shape of documents, bytes/s over those of ASCII',
    unit: '',
  },
];

/** The whole page. */
export function renderHeadline(reports: readonly Report[], tookS: number): string {
  const smoke = reports.some((report) => report.smoke);
  return [
    '# Benchmarks',
    `Written by \`npm run bench\` in ${tookS.toFixed(0)} s; medians, on warm workers unless told otherwise. Each figure's command makes it again, and more of it.`,
    ...(smoke ? ['**A smoke run: sizes too small to be measured by.**'] : []),
    `Machine: ${machineLabel(reports[0]!.machine)}. Every run ends with a durable, committed manifest.`,
    renderTable({
      title: '',
      columns: ['figure', 'value', 'command'],
      rows: LINES.flatMap((line) => rowOf(line, reports)),
    }),
    ...reports.flatMap(sectionOf),
    '',
  ].join('\n\n');
}

/** Empty where a smoke run has no such figure. */
function rowOf({ scenario, figure, what, unit, per = 1 }: Line, reports: readonly Report[]): Cell[][] {
  const report = reports.find(({ name }) => name === scenario);
  const value = report?.figures[figure];
  if (report === undefined || value === undefined) return [];
  return [[what, `${formatNumber(value / per)} ${unit}`.trim(), `\`${report.command.replace(/ --out \S+/, '')}\``]];
}

function sectionOf({ name, describe, command, machine, tables, plots, notes }: Report): string[] {
  return [
    `## ${name}`,
    describe,
    `\`${command}\`, load ${machine.load} at its start.`,
    ...tables.map((table) => `**${table.title}**\n\n${renderTable(table)}`),
    ...plots.map((plot) => `![${plot.title}](${PICTURES}/${name}-${plot.name}.svg)`),
    ...(notes.length === 0 ? [] : [notes.map((note) => `- ${note}`).join('\n')]),
  ];
}
