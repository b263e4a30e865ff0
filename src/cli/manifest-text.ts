/** A manifest as people read it: counts, coverage as a strip, segments, the last run's phases. */
import type { Manifest, SegmentEntry } from '../manifest/manifest.js';
import { lineNotes } from './check-line.js';
import { coverageStrip, stripLines } from './coverage-strip.js';
import { formatBytes, formatCount, formatDuration, formatTable, formatTime, formatUnit } from './format.js';

/** Skipped partitions that are listed one by one, the newest ones; the others are counted. */
const SKIPPED_LINES = 20;

/** What stands before the signs of a strip's line. */
const LABEL_WIDTH = '  2026-05-04T01:00:00Z  '.length;

/** Lines of text, the last one ended too. `columns` = width of the terminal. */
export function formatManifest(manifest: Manifest, columns: number): string {
  const { counts, watermark, generation, epoch, createdAt } = manifest;
  const facts = formatTable([
    ['generation', `${generation}, epoch ${epoch}, committed ${new Date(createdAt).toISOString()}`],
    ['watermark', watermark === undefined ? 'none' : formatTime(watermark)],
    ['documents', `${formatCount(counts.live)} live of ${formatCount(counts.docs)} stored`],
    ['killed', `${formatCount(counts.killed)}, of these ${formatCount(counts.moved)} moved to another group`],
    ['rejected', `${formatCount(counts.rejected)} rows`],
    ['last run', `${formatDuration(manifest.totalMs)}: ${phasesOf(manifest)}`],
    ['freshness', manifest.freshnessMs === null ? 'nothing new was read' : formatDuration(manifest.freshnessMs)],
  ]);
  const coverage = coverageLines(manifest, columns - LABEL_WIDTH);
  return `${[...facts, ...lineNotes(manifest), ...coverage, ...segmentLines(manifest)].join('\n')}\n`;
}

function phasesOf({ phases }: Manifest): string {
  return Object.entries(phases)
    .map(([phase, ms]) => `${phase} ${formatCount(ms)}`)
    .join('  ');
}

function coverageLines(manifest: Manifest, width: number): string[] {
  const { coverage, base } = manifest;
  const reach = base === null ? 'no base' : `base up to ${formatTime(base.watermark)}`;
  const gap = coverage.gap ? ', with a gap' : '';
  const late = coverage.lateBeyondBase > 0 ? `, ${coverage.lateBeyondBase} late beyond the base` : '';
  const strip = coverageStrip(manifest, width);
  const lines = [`coverage    ${reach}; delta of ${formatUnit(coverage.partitions.length, 'partition')}${gap}${late}`];
  if (strip !== undefined) lines.push(...stripLines(strip, width).map((line) => `  ${line}`));
  const shown = coverage.skipped.slice(-SKIPPED_LINES);
  const more = coverage.skipped.length - shown.length + (coverage.skippedBefore ?? 0);
  if (more > 0) lines.push(`  ${formatUnit(more, 'older partition')} skipped`);
  const skipped = shown.map(({ time, reason, detail }) => [formatTime(time), reason, detail ?? '']);
  return [...lines, ...formatTable(skipped).map((line) => `  ${line}`)];
}

function segmentLines({ base, delta }: Manifest): string[] {
  const row =
    (kind: string) =>
    ({ name, bytes, docs, live, partitions }: SegmentEntry): string[] => [
      kind,
      name,
      formatBytes(bytes),
      `${formatCount(docs)} docs`,
      `${formatCount(live)} live`,
      formatUnit(partitions.count, 'partition'),
    ];
  const rows = [...(base?.segments ?? []).map(row('base')), ...delta.segments.map(row('delta'))];
  return ['segments', ...formatTable(rows, [2, 3, 4, 5]).map((line) => `  ${line}`)];
}
