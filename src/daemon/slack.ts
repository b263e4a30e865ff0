/** The time between two ticks: small delta segments are merged for the runs to come, and nobody waits for it. */
import { describeError } from '../base/errors.js';
import type { Clock } from '../base/time.js';
import { mergeAhead } from '../coordinator/merge-tiers.js';
import type { RunMemory } from '../coordinator/run-memory.js';
import type { IndexSettings } from '../coordinator/settings.js';
import type { Log } from '../telemetry/log.js';
import { withRunSignal } from './run-signal.js';

/** An index with what its runs have left. */
export interface SlackIndex {
  readonly name: string;
  readonly settings: IndexSettings;
  readonly deps: { readonly memory: RunMemory };
}

/** Merges until nothing is due or until what is due would not be done by `dueMs` on the monotonic clock. */
export async function useSlack(
  indexes: readonly SlackIndex[],
  dueMs: number,
  { clock, log, signal }: { readonly clock: Clock; readonly log: Log; readonly signal: AbortSignal },
): Promise<void> {
  for (const { name, settings, deps } of indexes) {
    if ((settings.delta?.layout ?? 'window') === 'window') continue;
    try {
      while (clock.elapsed() < dueMs && !signal.aborted) {
        const slackMs = dueMs - clock.elapsed();
        if (!(await withRunSignal(signal, (own) => mergeAhead(deps.memory, slackMs, own)))) break;
        log.info({ event: 'merged', index: name }, 'small delta segments merged for the next generation');
      }
    } catch (error) {
      // The generation that stands is whole without it, and the next slack tries again.
      if (signal.aborted) return;
      log.warn(
        { event: 'merge-failed', index: name },
        `small delta segments stay as they are: ${describeError(error)}`,
      );
    }
  }
}
