/** Older partitions as the newest manifest has them, for times that this process has not listed yet. */
import type { Manifest, SkipReason } from '../manifest/manifest.js';
import { isHeld } from './held.js';
import type { SelectedPartition } from './select-partitions.js';

/** Half-open `(from, to]`. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** Reasons that say nothing against reading a partition: whether it is read is decided anew at every trigger. */
const READABLE: ReadonlySet<SkipReason> = new Set(['covered', 'outside-window', 'deferred']);

/** Candidates without objects: they are known by the names of their parts, or are skipped as before. */
export function recordedPartitions(manifest: Manifest, span: Span): SelectedPartition[] {
  const { partitions, skipped, gap } = manifest.coverage;
  const inSpan = ({ time }: { time: number }) => time > span.from && time <= span.to;
  const read = partitions.filter(inSpan).map(({ time, part }): SelectedPartition => {
    return { time, part, state: 'ready', objects: [], newestModified: undefined, hasData: true };
  });
  const left = skipped.filter(inSpan).map(({ time, reason, detail }): SelectedPartition => {
    const isReadable = reason === 'covered' || reason === 'outside-window' || reason === 'deferred';
    const state = isReadable ? ('not-ready' as const) : reason;
    const rest = { time, state, objects: [], newestModified: undefined };
    // Without a gap none of them held data; with one, any of them may.
    return { ...rest, hasData: gap, ...(detail === undefined ? {} : { detail }) };
  });
  return [...read, ...left];
}

/** Whether the manifest does not say enough of these times: something there may be read that it names no part of. */
export function needsListing(manifest: Manifest, span: Span): boolean {
  if (manifest.coverage.skippedBefore !== undefined) return true;
  return manifest.coverage.skipped.some(({ time, reason }) => {
    if (time <= span.from || time > span.to) return false;
    return READABLE.has(reason) || (reason === 'held' && !isHeld(manifest.held, time));
  });
}
