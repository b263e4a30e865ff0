/** What keeps an index from moving on, said in words at every tick as long as it does. */

import { describeError, type TidemarkError } from '../base/errors.js';
import { type Clock, toIso } from '../base/time.js';
import { HELD_DETAIL } from '../coordinator/held.js';
import type { RunReport } from '../coordinator/report.js';
import { readNewest } from '../manifest/newest.js';
import type { Store } from '../store/store.js';
import type { Log } from '../telemetry/log.js';

/** Partitions that a rollback holds. */
export function tellHeld(index: string, { skipped }: Pick<RunReport, 'skipped'>, log: Log): void {
  const held = skipped.filter(({ detail }) => detail === HELD_DETAIL);
  if (held.length === 0) return;
  const [first, last] = [held[0]!.time, held.at(-1)!.time];
  log.warn(
    { event: 'held', index, partitions: held.length, first, last },
    `${held.length} partitions are held since a rollback and are not read: tidemark resume lets them in`,
  );
}

/** A generation that the gate refused: the one before stays, and grows older. */
export async function tellRefused(
  index: { readonly name: string; readonly store: Store },
  error: TidemarkError,
  { log, clock }: { readonly log: Log; readonly clock: Clock },
): Promise<void> {
  const newest = await readNewest(index.store).catch(() => undefined);
  const stays =
    newest === undefined
      ? 'nothing is committed yet'
      : `generation ${newest.generation} of ${toIso(newest.createdAt)} stays, ${Math.max(0, Math.round((clock.now() - newest.createdAt) / 1000))} s old by now`;
  log.warn(
    { event: 'gateRefused', index: index.name, generation: newest?.generation },
    `the gate refused the new generation, ${stays}: ${describeError(error)}`,
  );
}
