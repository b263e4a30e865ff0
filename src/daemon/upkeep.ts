/**
 * What a daemon does between its runs: folding the delta into the base when it is due, and collecting what nobody needs any more.
 * It uses the pool through `politePool`, so a run that becomes due waits for one task at most, and what was under way goes on
 * behind it.
 */

import { describeError, TidemarkError } from '../base/errors.js';
import type { Clock } from '../base/time.js';
import { collectGarbage } from '../commit/gc.js';
import { compactIndex } from '../coordinator/compact.js';
import { planFold, spanOf } from '../coordinator/fold.js';
import { DEFAULT_KEEP_MS } from '../coordinator/settings.js';
import type { Manifest } from '../manifest/manifest.js';
import { readNewest } from '../manifest/newest.js';
import type { Log } from '../telemetry/log.js';
import type { DaemonIndex } from './loop.js';
import { politePool, type Turn } from './turn.js';

export interface CompactPolicy {
  /** Documents to fold, as a share of those in the base. */
  readonly deltaRatio: number;
  readonly everyMs: number | 'never';
}

export interface UpkeepOptions {
  readonly compact: CompactPolicy | 'never';
  readonly clock: Clock;
  readonly log: Log;
  readonly turn: Turn;
  readonly signal: AbortSignal;
}

/** How often it is looked whether anything is due: one or two requests. */
const LOOK_EVERY_MS = 10_000;

/** A failed compaction is tried again after that long: what failed it is mostly still there. */
const RETRY_MS = 300_000;

/** Collections in the time that objects are kept: what is due to go waits for a 24th of it more, which nobody minds. */
const COLLECTIONS_A_KEEP = 24;
const COLLECT_AT_MOST_MS = 60_000;

/** Looks after one index until the signal aborts; whatever fails is told and tried again later. */
export async function runUpkeep(index: DaemonIndex, options: UpkeepOptions): Promise<void> {
  const { clock, signal, turn } = options;
  const collectEveryMs = Math.max((index.settings.keepMs ?? DEFAULT_KEEP_MS) / COLLECTIONS_A_KEEP, COLLECT_AT_MOST_MS);
  const startMs = clock.elapsed();
  let compactFrom = startMs;
  let compactedAt = startMs;
  let collectedAt = startMs;
  for (;;) {
    await clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
    if (signal.aborted) return;
    await turn.whenIdle();
    const now = clock.elapsed();
    if (options.compact !== 'never' && now >= compactFrom) {
      const result = await compactIfDue(index, options.compact, now - compactedAt, options);
      if (result === 'compacted') compactedAt = clock.elapsed();
      if (result === 'failed') compactFrom = clock.elapsed() + RETRY_MS;
    }
    if (signal.aborted) return;
    if (now - collectedAt < collectEveryMs) continue;
    await collect(index, options);
    collectedAt = clock.elapsed();
  }
}

/** Whether the delta is to be folded: enough of it would go into the base, or it is the time for it and anything would. */
export function isCompactionDue(manifest: Manifest, spanMs: number, policy: CompactPolicy, sinceMs: number): boolean {
  const { fold, rest } = planFold(manifest, spanMs);
  if (fold.length === 0) return false;
  if (policy.everyMs !== 'never' && sinceMs >= policy.everyMs) return true;
  const docsOf = (segments: readonly { readonly docs: number }[]) => segments.reduce((sum, { docs }) => sum + docs, 0);
  // Parts differ in size; what a partition holds on average decides well enough and costs no request.
  const foldable = (docsOf(manifest.delta.segments) * fold.length) / (fold.length + rest.length);
  return foldable >= policy.deltaRatio * docsOf(manifest.base?.segments ?? []);
}

async function compactIfDue(
  index: DaemonIndex,
  policy: CompactPolicy,
  sinceMs: number,
  { log, turn, signal }: UpkeepOptions,
): Promise<'idle' | 'compacted' | 'failed'> {
  const { name, deps, settings } = index;
  try {
    const manifest = await readNewest(deps.index, { signal });
    if (manifest === undefined) return 'idle';
    if (!isCompactionDue(manifest, spanOf(settings.source.coverage), policy, sinceMs)) return 'idle';
    log.info({ event: 'compacting', index: name, generation: manifest.generation }, 'folding the delta into the base');
    const report = await compactIndex({ ...deps, pool: politePool(deps.pool, turn) }, settings, signal);
    const { generation, folded, purged, totalMs } = report;
    log.info(
      { event: 'compacted', index: name, generation, folded, purged, totalMs },
      `generation ${generation} has a new base`,
    );
    return 'compacted';
  } catch (error) {
    return tellFailed('compaction', name, error, log, signal);
  }
}

async function collect({ name, deps, settings }: DaemonIndex, { clock, log, signal }: UpkeepOptions): Promise<void> {
  try {
    const epoch = (await readNewest(deps.index, { signal }))?.epoch;
    if (epoch === undefined) return;
    const keepMs = settings.keepMs ?? DEFAULT_KEEP_MS;
    const { deleted, kept, uploads } = await collectGarbage(deps.index, {
      keepMs,
      epoch,
      dryRun: false,
      clock,
      signal,
    });
    const count = Object.values(deleted).reduce((sum, tally) => sum + tally.count, 0);
    const bytes = Object.values(deleted).reduce((sum, tally) => sum + tally.bytes, 0);
    if (count === 0 && uploads === 0) return;
    log.info({ event: 'collected', index: name, deleted, kept, uploads }, `deleted ${count} objects of ${bytes} bytes`);
  } catch (error) {
    tellFailed('collection', name, error, log, signal);
  }
}

function tellFailed(what: string, index: string, error: unknown, log: Log, signal: AbortSignal): 'failed' {
  if (signal.aborted) return 'failed';
  const code = error instanceof TidemarkError ? error.code : 'internal';
  log.warn(
    { event: 'upkeepFailed', index, what, code },
    `${what} failed, it is tried again later: ${describeError(error)}`,
  );
  return 'failed';
}
