/**
 * The manifest: the one small object that names everything a reader needs, and whose creation is the commit.
 *
 * In memory times are ms since the epoch; in JSON they are ISO-8601 UTC, and a time that is not there is `null`.
 * What is bulky (pinned objects, etags, rejected rows) lives in the parts: a manifest of 2,016 partitions (a week of
 * five-minute ones) takes 184 KiB with one segment and 213 KiB with sixty; the bound is 256 KiB, what one request and
 * one small buffer hold.
 */
import { z } from 'zod';

/** Version of the JSON shape. 1: the first. A reader refuses newer ones, since they may mean other things by old names. */
export const MANIFEST_FORMAT = 1;

const count = z.int().nonnegative();
const ms = z.number().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const time = z.codec(z.iso.datetime(), z.number(), {
  decode: (text) => Date.parse(text),
  encode: (value) => new Date(value).toISOString(),
});

const timeOrNull = z.codec(z.iso.datetime().nullable(), z.number().or(z.undefined()), {
  decode: (text) => (text === null ? undefined : Date.parse(text)),
  encode: (value) => (value === undefined ? null : new Date(value).toISOString()),
});

/** Half-open `(from, to]` over partition times; no `from` = since the beginning. */
const timeSpan = z.object({ from: timeOrNull, to: time });

/**
 * Partitions of a segment as inclusive runs `[first, last]`: it holds every partition of the coverage list inside one.
 * Runs, not a list: a base made of 100,000 partitions has one.
 */
const partitionRuns = z.object({ count, runs: z.array(z.tuple([time, time])) });

const segmentEntry = z.object({
  /** Object key under the index prefix. */
  name: z.string().min(1),
  bytes: count,
  /** Of the whole object, hex. */
  sha256,
  /** Documents stored. */
  docs: count,
  /** Stored and not killed by this manifest. */
  live: count,
  partitions: partitionRuns,
});

const killEntry = z.object({
  /** Object key of the bitmap. */
  object: z.string().min(1),
  /** Of the bitmap object, hex. */
  sha256,
  /** Documents it kills. */
  count,
});

const skippedPartition = z.object({
  time,
  /** `deferred`: ready, and left for the next run so that this one meets its deadline. */
  reason: z.enum(['covered', 'not-ready', 'future', 'held', 'quarantined', 'outside-window', 'deferred']),
  detail: z.string().optional(),
});

const coveredPartition = z.object({
  time,
  /** Plan hash of its part. */
  part: z.string().regex(/^[0-9a-f]{32}$/),
  /** `late`: re-pinned after an object of it came, changed or went. */
  state: z.enum(['read', 'late']),
});

/** Skipped partitions that a manifest names, the newest ones: more would break its bound, and a day of five-minute ones is 288. */
export const MAX_SKIPPED = 300;

const coverage = z.object({
  from: timeOrNull,
  to: timeOrNull,
  /** What the delta holds, ordered by time. */
  partitions: z.array(coveredPartition),
  /** What was seen and not read, ordered by time. */
  skipped: z.array(skippedPartition),
  /** How many older ones were left out of `skipped`: see `MAX_SKIPPED`. */
  skippedBefore: count.optional(),
  /** Whether something of `(base, to]` is known or feared to be missing. */
  gap: z.boolean(),
  /** Intervals that nothing read holds. */
  gaps: z.array(timeSpan),
  /** Changes seen at or before the base's watermark: they wait for the next base. */
  lateBeyondBase: count,
});

/** A source of column patches: what is covered of it, by a watermark of its own. */
const patchSource = z.object({
  name: z.string().min(1),
  /** Digest of what decides a part's content: columns, fields, types. */
  plan: z.string().regex(/^[0-9a-f]{32}$/),
  fields: z.record(z.string(), z.enum(['keyword', 'i64', 'f64', 'timestamp', 'bool'])),
  /** Whether its rows have a version; else their rank starts at the partition time. */
  versioned: z.boolean(),
  unknownId: z.enum(['wait', 'count']),
  watermark: timeOrNull,
  coverage,
  /** Patches of all partitions up to `to`, in one part; null before there is one. */
  folded: z.object({ part: z.string().regex(/^[0-9a-f]{32}$/), to: time }).nullable(),
  /** Partitions that a rollback holds back until `resume`. */
  held: z.array(timeSpan).optional(),
  counts: z.object({
    /** Rows of the parts at hand. */
    rows: count,
    rejected: count,
    /** Ids of the partitions read by this run that no live document had. */
    unknown: count,
  }),
});

const overlayEntry = z.object({
  field: z.string().min(1),
  /** Object key of the overlay. */
  object: z.string().min(1),
  /** Of the overlay object, hex. */
  sha256,
  bytes: count,
  /** Documents it has a value for. */
  count,
});

const phases = z.object({ select: ms, read: ms, build: ms, merge: ms, seal: ms, commit: ms });

/** The manifest's schema; decode reads JSON, encode writes it. */
export const manifestSchema = z.object({
  format: z.literal(MANIFEST_FORMAT),
  generation: count,
  epoch: count,
  /** Tells our own commit from another's after a lost answer. */
  nonce: z.string().min(1),
  /** Nonce of the generation that this one was made from: whether two manifests stand in one line. */
  parent: z.string().min(1).optional(),
  createdAt: time,
  /** Time of the newest committed partition; null before there is one. */
  watermark: timeOrNull,
  closeReason: z.enum(['complete', 'deadline', 'superseded', 'empty', 'failed', 'refused']),
  outcome: z.enum(['met', 'degraded', 'missed']),
  /** Step of the degrade ladder, where the outcome is `degraded`. */
  degradeStep: z.string().optional(),
  coverage,
  /** Null where there is no base. */
  base: z.object({ segments: z.array(segmentEntry), watermark: time }).nullable(),
  delta: z.object({ segments: z.array(segmentEntry) }),
  /** Kill bitmap per segment name; a segment without killed documents has none. */
  kills: z.record(z.string(), killEntry),
  /** Sources of column patches, by name; absent where there never was one. */
  patches: z.array(patchSource).optional(),
  /** Layers per segment name; of one field the newest comes last. */
  overlays: z.record(z.string(), z.array(overlayEntry)).optional(),
  /** What made the parts: by another one's names nothing can be told of their inputs. */
  maker: z.string().optional(),
  schema: z.object({ fingerprint: sha256, replace: z.enum(['record', 'group']) }),
  /** Per text field over stored documents, what scores are computed from. */
  statistics: z.record(z.string(), z.object({ docs: count, tokens: count })),
  counts: z.object({ docs: count, live: count, killed: count, rejected: count, moved: count }),
  phases,
  totalMs: ms,
  /** First answer minus LastModified of the newest partition's last object; null where nothing new was read. */
  freshnessMs: z.number().nullable(),
  /** The generation a rollback left behind. */
  rolledBackFrom: count.optional(),
  /** Partitions a rollback holds back until `resume`. */
  held: z.array(timeSpan),
});

export type Manifest = z.output<typeof manifestSchema>;
export type SegmentEntry = z.output<typeof segmentEntry>;
export type KillEntry = z.output<typeof killEntry>;
export type PatchSource = z.output<typeof patchSource>;
export type PatchOverlay = z.output<typeof overlayEntry>;
export type CoveredPartition = z.output<typeof coveredPartition>;
export type SkippedPartition = z.output<typeof skippedPartition>;
export type SkipReason = SkippedPartition['reason'];
export type TimeSpan = z.output<typeof timeSpan>;
export type PartitionRuns = z.output<typeof partitionRuns>;
