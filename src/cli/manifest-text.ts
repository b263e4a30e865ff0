/** A manifest as people read it: counts, coverage as a strip, segments, the last run's phases. */
import type { Manifest, SegmentEntry } from '../manifest/manifest.js';
import { lineNotes } from './check-line.js';
import { formatBytes, formatCount, formatDuration, formatTable, formatTime, formatUnit } from './format.js';

/** Partitions a line of the coverage strip holds: five hours of five-minute ones. */
const STRIP_WIDTH = 60;

/** Lines of text, the last one ended too. */
export function formatManifest(manifest: Manifest): string {
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
  const lines = [...facts, ...lineNotes(manifest), ...coverageLines(manifest), ...segmentLines(manifest)];
  return `${[...lines, ...patchLines(manifest)].join('\n')}\n`;
}

function phasesOf({ phases }: Manifest): string {
  return Object.entries(phases)
    .map(([phase, ms]) => `${phase} ${formatCount(ms)}`)
    .join('  ');
}

/** One sign a partition: `#` read, `L` read again after it changed, `.` seen and not read. */
function coverageLines({ coverage, base }: Manifest): string[] {
  const reach = base === null ? 'no base' : `base up to ${formatTime(base.watermark)}`;
  const gap = coverage.gap ? ', with a gap' : '';
  const late = coverage.lateBeyondBase > 0 ? `, ${coverage.lateBeyondBase} late beyond the base` : '';
  const signs = [
    ...coverage.partitions.map(({ time, state }) => ({ time, sign: state === 'late' ? 'L' : '#' })),
    ...coverage.skipped.map(({ time }) => ({ time, sign: '.' })),
  ].sort((a, b) => a.time - b.time);
  const lines = [`coverage    ${reach}; delta of ${formatUnit(coverage.partitions.length, 'partition')}${gap}${late}`];
  for (let at = 0; at < signs.length; at += STRIP_WIDTH) {
    const line = signs.slice(at, at + STRIP_WIDTH);
    lines.push(`  ${formatTime(line[0]!.time)}  ${line.map(({ sign }) => sign).join('')}`);
  }
  const skipped = coverage.skipped.map(({ time, reason, detail }) => [formatTime(time), reason, detail ?? '']);
  return [...lines, ...formatTable(skipped).map((line) => `  ${line}`)];
}

/** Sources of column patches, and how many values of a segment they stand for. */
function patchLines({ patches, overlays }: Manifest): string[] {
  if (patches === undefined || patches.length === 0) return [];
  const sources = patches.map(({ name, watermark, coverage, fields, counts, folded }) => [
    name,
    watermark === undefined ? 'none' : formatTime(watermark),
    formatUnit(coverage.partitions.length, 'partition') +
      (folded === null ? '' : ` and all up to ${formatTime(folded.to)}`),
    formatUnit(counts.rows, 'row'),
    `${formatCount(counts.unknown)} unknown`,
    Object.keys(fields).join(','),
  ]);
  const layers = Object.entries(overlays ?? {}).flatMap(([segment, own]) =>
    own.map(({ field, count, bytes }) => [segment, field, formatUnit(count, 'value'), formatBytes(bytes)]),
  );
  const indent = (line: string) => `  ${line}`;
  return ['patches', ...formatTable(sources).map(indent), 'overlays', ...formatTable(layers, [2, 3]).map(indent)];
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
