/** The models of `bench freshness` and their parameters; `docs/freshness.md` says where each figure comes from. */
import type { BatchParameters } from './batch-day.js';
import type { DaemonParameters } from './daemon-day.js';
import type { Model } from './day.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** What the batch job waits for unless told. */
export const BATCH_DEFAULTS = {
  everyMs: 5 * MINUTE_MS,
  /** Between one task and the next of a well-tuned scheduler: 4 to 6 s. */
  schedulerDelayMs: 5 * SECOND_MS,
  /** A cluster of three machines made for the job, by the log of a public cloud. */
  clusterStartMs: 94 * SECOND_MS,
  /** A session on a cluster that is kept: PySpark on this project's measuring machine, to its first task. */
  sessionStartMs: 5 * SECOND_MS,
  /** The widely used scheduler's own default. */
  retryDelayMs: 5 * MINUTE_MS,
  spanMs: 5 * HOUR_MS,
} as const;

export interface ModelOptions {
  readonly schedulerDelayMs: number;
  readonly clusterStartMs: number;
  readonly sessionStartMs: number;
}

/** From the slowest to the quickest. */
export function modelsOf({ schedulerDelayMs, clusterStartMs, sessionStartMs }: ModelOptions): Model[] {
  const { everyMs, retryDelayMs, spanMs } = BATCH_DEFAULTS;
  const batch = (name: string, waits: Pick<BatchParameters, 'schedulerDelayMs' | 'startUpMs' | 'reads'>): Model => ({
    name,
    kind: 'batch',
    parameters: { everyMs, retryDelayMs, spanMs, ...waits },
  });
  const madeMs = clusterStartMs + sessionStartMs;
  const daemon = (name: string, pace: Pick<DaemonParameters, 'everyMs' | 'settleMs'>): Model => ({
    name,
    kind: 'daemon',
    parameters: { spanMs, backOffMs: SECOND_MS, ...pace },
  });
  return [
    batch('batch, cluster made for the job', { schedulerDelayMs, startUpMs: madeMs, reads: 'interval' }),
    batch('  without scheduler delay', { schedulerDelayMs: 0, startUpMs: madeMs, reads: 'interval' }),
    batch('batch, cluster kept', { schedulerDelayMs, startUpMs: sessionStartMs, reads: 'interval' }),
    batch('  without scheduler delay', { schedulerDelayMs: 0, startUpMs: sessionStartMs, reads: 'interval' }),
    batch('  and listing at its first task', { schedulerDelayMs: 0, startUpMs: sessionStartMs, reads: 'listing' }),
    daemon('tidemark, every 30s, settle 5s', { everyMs: 30 * SECOND_MS, settleMs: 5 * SECOND_MS }),
    daemon('tidemark, every 1s, settle 1s', { everyMs: SECOND_MS, settleMs: SECOND_MS }),
  ];
}
