/** Numbers and tables as people read them. */
import { toIso } from '../base/time.js';

const GROUPED = new Intl.NumberFormat('en-US');

/** `22602` -> `22,602` */
export function formatCount(count: number): string {
  return GROUPED.format(count);
}

/** `3,456,789 bytes` */
export function formatBytes(bytes: number): string {
  return `${GROUPED.format(bytes)} bytes`;
}

/** ms below ten seconds, then seconds. */
export function formatDuration(ms: number): string {
  return Math.abs(ms) < 10_000 ? `${GROUPED.format(Math.round(ms))} ms` : `${GROUPED.format(Math.round(ms / 1000))} s`;
}

/** `2026-05-04T01:05:00Z`: partition times have no fraction to show. */
export function formatTime(ms: number): string {
  return shortIso(toIso(ms));
}

/** A whole number, singular or plural: `1 partition`, `12 partitions`. */
export function formatUnit(count: number, unit: string): string {
  return `${formatCount(count)} ${unit}${count === 1 ? '' : 's'}`;
}

/** `formatTime` of an ISO text. */
export function shortIso(iso: string): string {
  return iso.replace(/\.000Z$/, 'Z');
}

/** Lines of cells as wide as their column's widest; a column named in `right` (counted from 0) is set flush right. */
export function formatTable(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  return rows.map((row) =>
    row
      .map((cell, i) => (right.includes(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
}
