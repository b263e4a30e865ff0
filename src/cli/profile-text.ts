/** A profile as people read it at a terminal. */
import type { Overhead, Ratio } from '../profile/overhead.js';
import type { Summary } from '../profile/summary.js';
import { formatBytes, formatCount, formatTable } from './format.js';

export interface WrittenFile {
  readonly path: string;
  readonly bytes: number;
  readonly use: string;
}

export interface ProfileText {
  readonly title: string;
  readonly files: readonly WrittenFile[];
  readonly summary: Summary;
  readonly overhead: Overhead | undefined;
}

const PERCENT = 100;

const ms = (value: number) => value.toFixed(1);
const percent = (share: number) => `${(share * PERCENT).toFixed(1)} %`;

/** Lines of text, the last one ended too. */
export function formatProfile({ title, files, summary, overhead }: ProfileText): string {
  const lines = [
    title,
    ...section('written', fileLines(files)),
    ...section('phases', phaseLines(summary)),
    ...section('hottest functions', hotLines(summary)),
    ...section('threads', threadLines(summary)),
    ...overheadLines(overhead),
  ];
  return `${lines.join('\n')}\n`;
}

function section(title: string, lines: readonly string[]): string[] {
  return ['', title, ...lines.map((line) => `  ${line}`)];
}

function fileLines(files: readonly WrittenFile[]): string[] {
  return formatTable(
    files.map(({ path, bytes, use }) => [path, formatBytes(bytes), use]),
    [1],
  );
}

function phaseLines({ phases, threads }: Summary): string[] {
  const head = ['', 'ms', 'share', 'tasks', 'busy', 'wait ms', 'gc ms', 'read', 'written'];
  const workers = threads.length - 1;
  const rows = phases.map((row) => [
    row.phase,
    ms(row.ms),
    percent(row.share),
    formatCount(row.tasks),
    `${row.workersBusy.toFixed(2)}/${workers}`,
    ms(row.waitMs),
    ms(row.gcMs),
    formatBytes(row.readBytes),
    formatBytes(row.writtenBytes),
  ]);
  return formatTable([head, ...rows], [1, 2, 3, 4, 5, 6, 7, 8]);
}

function hotLines({ hottest }: Summary): string[] {
  const head = ['self ms', 'share', 'total ms', 'function', 'in', 'threads'];
  const rows = hottest.map(({ selfMs, share, totalMs, name, place, threads }) => [
    ...[ms(selfMs), percent(share), ms(totalMs), name, place],
    threads.join(', '),
  ]);
  return formatTable([head, ...rows], [0, 1, 2]);
}

function threadLines({ threads }: Summary): string[] {
  const head = ['', 'work ms', 'share', 'tasks', 'allocated', 'gc', 'gc ms', 'longest', 'kernel'];
  const rows = threads.map((row) => [
    row.name,
    ms(row.busyMs),
    percent(row.busyShare),
    formatCount(row.tasks),
    formatBytes(row.allocatedBytes),
    formatCount(row.gcCount),
    ms(row.gcMs),
    ms(row.gcLongestMs),
    formatBytes(row.kernelBytes),
  ]);
  return formatTable([head, ...rows], [1, 2, 3, 4, 5, 6, 7, 8]);
}

function overheadLines(overhead: Overhead | undefined): string[] {
  if (overhead === undefined) return [];
  const { pairs, wall, cpu } = overhead;
  const told = ({ median, min, max }: Ratio) => `${median.toFixed(3)} (${min.toFixed(3)} to ${max.toFixed(3)})`;
  const line = `recorded over unrecorded: ${told(wall)} in wall time, ${told(cpu)} in CPU time; median of ${pairs.length} pairs`;
  return section('overhead', [line]);
}
