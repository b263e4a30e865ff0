/** A result as three kinds of files: JSON for programs, Markdown for people, SVG for both. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderPlot } from '#src/plot/chart.js';
import { type Machine, machineLabel } from './machine.js';
import type { Cell, Options, Result, Table } from './scenario.js';

/** A result with what it takes to make it again. */
export interface Report extends Result {
  readonly name: string;
  readonly describe: string;
  /** As typed at the top of a checkout. */
  readonly command: string;
  readonly options: Options;
  /** Sizes too small to be measured by. */
  readonly smoke: boolean;
  readonly machine: Machine;
  /** ISO-8601 UTC. */
  readonly startedAt: string;
  readonly tookMs: number;
  /** Of this process; 0 where it only started others. */
  readonly peakMemoryBytes: number;
}

/** Writes `<name>.json`, `<name>.md` and one `<name>-<plot>.svg` for each plot; returns their paths. */
export function writeReport(folder: string, report: Report): string[] {
  mkdirSync(folder, { recursive: true });
  const files: [name: string, content: string][] = [
    [`${report.name}.json`, `${JSON.stringify(report, null, 1)}\n`],
    [`${report.name}.md`, renderMarkdown(report)],
    ...report.plots.map((plot): [string, string] => [`${report.name}-${plot.name}.svg`, renderPlot(plot)]),
  ];
  return files.map(([name, content]) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  });
}

/** The whole report as a page; pictures are linked as they lie beside it. */
export function renderMarkdown(report: Report): string {
  const { peakMemoryBytes } = report;
  const memory = peakMemoryBytes === 0 ? '' : `, peak memory ${(peakMemoryBytes / 1e6).toFixed(0)} MB`;
  const warning = report.smoke ? ['**A smoke run: sizes too small to be measured by.**'] : [];
  return [
    `# ${report.name}`,
    report.describe,
    ...warning,
    `\`${report.command}\`, ${report.startedAt}, ${(report.tookMs / 1_000).toFixed(0)} s${memory}`,
    machineLabel(report.machine),
    ...report.tables.map((table) => `## ${table.title}\n\n${renderTable(table)}`),
    ...report.plots.map(({ name, title }) => `![${title}](${report.name}-${name}.svg)`),
    ...(report.notes.length === 0 ? [] : [report.notes.map((note) => `- ${note}`).join('\n')]),
    '',
  ].join('\n\n');
}

/** A Markdown table; columns that hold numbers only stand to the right. */
export function renderTable({ columns, rows }: Table): string {
  const isNumeric = columns.map((_, i) => rows.every((row) => typeof row[i] === 'number'));
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map(escapeCell)),
    line(isNumeric.map((numeric) => (numeric ? '--:' : '---'))),
    ...rows.map((row) => line(row.map(renderCell))),
  ].join('\n');
}

function renderCell(cell: Cell): string {
  return typeof cell === 'number' ? formatNumber(cell) : escapeCell(cell);
}

function escapeCell(cell: string): string {
  return cell.replaceAll('|', '\\|');
}

/** Three figures: more would be noise. Whole numbers keep theirs. */
export function formatNumber(number: number): string {
  if (!Number.isFinite(number)) return '-';
  if (Number.isInteger(number)) return number.toLocaleString('en-US');
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(number))));
  return number.toLocaleString('en-US', {
    maximumFractionDigits: Math.min(digits, 6),
    minimumFractionDigits: Math.min(digits, 2),
  });
}
