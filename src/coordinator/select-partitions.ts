/** Phase `select`: what is there, what of it is ready, what this run reads. */

import type { Manifest } from '../manifest/manifest.js';
import { KnownSource, type SourceSighting } from '../partition/known-source.js';
import { type AssessedPartition, assessPartitions } from '../partition/ready.js';
import { type Candidate, coverageStart, type Selection, selectPartitions } from '../partition/select.js';
import type { Store } from '../store/store.js';
import type { PinnedPartition } from './build-part.js';
import { baseUntil, holdBack } from './held.js';
import { needsListing, recordedPartitions } from './recorded-partitions.js';
import type { SourceSettings } from './settings.js';

/** A candidate with what is pinned of it. */
export interface SelectedPartition extends Candidate, PinnedPartition {
  /** Newest LastModified of its objects, ms since the epoch. */
  readonly newestModified: number | undefined;
}

export interface SelectionResult {
  readonly selection: Selection<SelectedPartition>;
  readonly listing: SourceSighting;
  /** The same listing with some partitions set aside: those whose data is bad, by time, with the reason. */
  without(bad: ReadonlyMap<number, string>): SelectionResult;
  /** The same listing as if nothing ready lay behind this instant; what does is skipped as `deferred`. */
  endingAt(until: number): SelectionResult;
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
  /** What this process knows of the source; without it everything is listed. */
  readonly known?: KnownSource | undefined;
  /** What makes parts in this process. */
  readonly maker: string;
}

/** How far back changes are looked for at every trigger where `coverage` has no span: what is older is swept. */
const DISJOINT_SPAN_MS = 60 * 60 * 1000;

export async function selectForRun(input: SelectInput): Promise<SelectionResult> {
  const { settings, forBase } = input;
  const until = forBase ? baseUntil(input.manifest, input.until) : input.until;
  const manifest = forBase ? undefined : input.manifest;
  const bounds = {
    baseWatermark: manifest?.base?.watermark,
    watermark: manifest?.watermark,
    coverageFrom: manifest?.coverage.from,
    start: settings.start,
  };
  const listing = await lookAtSource(input, manifest, coverageStart(bounds));
  const recorded = listing.unlisted === undefined ? [] : recordedPartitions(manifest!, listing.unlisted);
  const committed = new Set(manifest?.coverage.partitions.map(({ time }) => time));
  const assessed = assessPartitions(listing, settings.ready, committed).map(candidateOf);
  const candidates = await holdBack([...assessed, ...recorded], manifest, input.index);
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

/** Lists the recent partitions and a piece of the older ones; everything where nobody vouches for the older ones. */
async function lookAtSource(
  input: SelectInput,
  manifest: Manifest | undefined,
  from: number | undefined,
): Promise<SourceSighting> {
  const { source, settings, now, signal, maker } = input;
  const known = (input.forBase ? undefined : input.known) ?? new KnownSource();
  const isShort = input.known !== undefined && manifest?.watermark !== undefined;
  const spanMs = settings.coverage.mode === 'disjoint' ? DISJOINT_SPAN_MS : settings.coverage.spanMs;
  const options = {
    template: settings.partition,
    from,
    sweepFrom: isShort ? (settings.start ?? 0) - 1 : undefined,
    // A clock that was set back hides nothing that is committed.
    to: Math.max(now + settings.ready.maxFutureSkewMs, manifest?.watermark ?? 0),
    marker: settings.ready.marker,
    signal,
  };
  const first = await known.look(source, { ...options, recent: isShort ? manifest.watermark! - spanMs : undefined });
  if (first.unlisted === undefined) return first;
  // The links of a cumulative chain move with the latest partition, so all of them must be known.
  const isChain = settings.coverage.mode === 'cumulative';
  if (!isChain && manifest!.maker === maker && !needsListing(manifest!, first.unlisted)) return first;
  const all = await known.look(source, { ...options, recent: undefined, sweepFrom: undefined });
  return { ...all, listCalls: first.listCalls + all.listCalls, swept: first.swept };
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
