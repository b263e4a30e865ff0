/** Phase `select`: what is there, what of it is ready, what this run reads. */

import type { Manifest } from '../manifest/manifest.js';
import { listPartitions, type PartitionListing } from '../partition/listing.js';
import { type AssessedPartition, assessPartitions } from '../partition/ready.js';
import { type Candidate, coverageStart, type Selection, selectPartitions } from '../partition/select.js';
import type { Store } from '../store/store.js';
import type { PinnedPartition } from './build-part.js';
import type { SourceSettings } from './settings.js';

/** A candidate with what is pinned of it. */
export interface SelectedPartition extends Candidate, PinnedPartition {
  /** Newest LastModified of its objects, ms since the epoch. */
  readonly newestModified: number | undefined;
}

export interface SelectionResult {
  readonly selection: Selection<SelectedPartition>;
  readonly listing: PartitionListing;
  /** The same listing with some partitions set aside: those whose data is bad, by time, with the reason. */
  without(bad: ReadonlyMap<number, string>): SelectionResult;
  /** The same listing as if nothing ready lay behind this instant; what does is skipped as `deferred`. */
  endingAt(until: number): SelectionResult;
}

export interface SelectInput {
  readonly source: Store;
  readonly settings: SourceSettings;
  /** The newest manifest; undefined in an empty index. */
  readonly manifest: Manifest | undefined;
  /** A base is built from everything, whatever is committed. */
  readonly forBase: boolean;
  readonly until: number | undefined;
  /** ms since the epoch, for the upper bound of the listing. */
  readonly now: number;
  readonly signal: AbortSignal;
}

export async function selectForRun(input: SelectInput): Promise<SelectionResult> {
  const { source, settings, forBase, until, now, signal } = input;
  const manifest = forBase ? undefined : input.manifest;
  const bounds = {
    baseWatermark: manifest?.base?.watermark,
    watermark: manifest?.watermark,
    coverageFrom: manifest?.coverage.from,
    start: settings.start,
  };
  const listing = await listPartitions(source, {
    template: settings.partition,
    from: coverageStart(bounds),
    to: now + settings.ready.maxFutureSkewMs,
    marker: settings.ready.marker,
    signal,
  });
  const held = manifest?.held ?? [];
  const candidates = assessPartitions(listing, settings.ready).map((assessed) => candidateOf(assessed, held));
  const committed = new Set(manifest?.coverage.partitions.map(({ time }) => time));
  const select = (bad: ReadonlyMap<number, string>, end: number | undefined): SelectionResult => {
    const usable = candidates.map((candidate) => setAside(candidate, bad.get(candidate.time)));
    const { coverage, onBadPartition } = settings;
    const options = { ...bounds, coverage, until: end ?? until, onBadPartition, committed };
    const selection = selectPartitions(usable, options);
    return {
      listing,
      without: (more) => select(new Map([...bad, ...more]), end),
      endingAt: (earlier) => select(bad, earlier),
      selection: end === undefined ? selection : withDeferred(selection, usable, end, until),
    };
  };
  return select(new Map(), undefined);
}

/** What lies behind the end of a shortened run is told, not forgotten. */
function withDeferred(
  selection: Selection<SelectedPartition>,
  candidates: readonly SelectedPartition[],
  end: number,
  until: number | undefined,
): Selection<SelectedPartition> {
  const deferred = candidates
    .filter(({ time }) => time > end && (until === undefined || time <= until))
    .map(({ time, state, detail }): Selection<SelectedPartition>['skipped'][number] =>
      state === 'ready'
        ? { time, reason: 'deferred', detail: 'the next run reads it: this one would miss its deadline' }
        : { time, reason: state, ...(detail === undefined ? {} : { detail }) },
    );
  return { ...selection, skipped: [...selection.skipped, ...deferred].sort((a, b) => a.time - b.time) };
}

function setAside(candidate: SelectedPartition, reason: string | undefined): SelectedPartition {
  return reason === undefined ? candidate : { ...candidate, state: 'quarantined', detail: reason };
}

function candidateOf({ partition, readiness }: AssessedPartition, held: Manifest['held']): SelectedPartition {
  const { time, objects, newestModified } = partition;
  const base = { time, objects, newestModified, hasData: objects.length > 0 };
  if (held.some(({ from, to }) => (from === undefined || time > from) && time <= to)) return { ...base, state: 'held' };
  if (readiness.ready) return { ...base, state: 'ready' };
  return { ...base, state: readiness.reason === 'future' ? 'future' : 'not-ready', detail: readiness.detail };
}
