/** Phase `select`: what is there, what of it is ready, what this run reads. */

import type { Manifest } from '../manifest/manifest.js';
import { listPartitions, type PartitionListing } from '../partition/listing.js';
import { type AssessedPartition, assessPartitions } from '../partition/ready.js';
import { type Candidate, coverageStart, type Selection, selectPartitions } from '../partition/select.js';
import type { Store } from '../store/store.js';
import type { PinnedPartition } from './build-part.js';
import { baseUntil, holdBack } from './held.js';
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
}

export interface SelectInput {
  readonly source: Store;
  /** Where the parts of held partitions are. */
  readonly index: Store;
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
  const { source, settings, forBase, now, signal } = input;
  const until = forBase ? baseUntil(input.manifest, input.until) : input.until;
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
    // A clock that was set back hides nothing that is committed.
    to: Math.max(now + settings.ready.maxFutureSkewMs, manifest?.watermark ?? 0),
    marker: settings.ready.marker,
    signal,
  });
  const committed = new Set(manifest?.coverage.partitions.map(({ time }) => time));
  const assessed = assessPartitions(listing, settings.ready, committed).map(candidateOf);
  const candidates = await holdBack(assessed, manifest, input.index);
  const select = (bad: ReadonlyMap<number, string>): SelectionResult => ({
    listing,
    without: (more) => select(new Map([...bad, ...more])),
    selection: selectPartitions(
      candidates.map((candidate) => setAside(candidate, bad.get(candidate.time))),
      { ...bounds, coverage: settings.coverage, until, onBadPartition: settings.onBadPartition, committed },
    ),
  });
  return select(new Map());
}

function setAside(candidate: SelectedPartition, reason: string | undefined): SelectedPartition {
  return reason === undefined ? candidate : { ...candidate, state: 'quarantined', detail: reason };
}

function candidateOf({ partition, readiness }: AssessedPartition): SelectedPartition {
  const { time, objects, newestModified } = partition;
  const base = { time, objects, newestModified, hasData: objects.length > 0 };
  if (readiness.ready) return { ...base, state: 'ready' };
  return { ...base, state: readiness.reason === 'future' ? 'future' : 'not-ready', detail: readiness.detail };
}
