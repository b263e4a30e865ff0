/** Taking the lead: the newest content under the next epoch, whether or not there is anything new. From then on the daemon before is fenced. */

import type { Manifest } from '../manifest/manifest.js';
import type { Store } from '../store/store.js';
import { commitOnNewest, successorOf } from './successor.js';

/**
 * Commits under `after + 1`; undefined where another one has taken a higher epoch than `after` by now. Fails with code `not-found`
 * in an index without a generation.
 */
export async function takeLead(
  store: Store,
  after: number,
  now: () => number,
  signal?: AbortSignal,
): Promise<Manifest | undefined> {
  const { manifest, committed } = await commitOnNewest(
    store,
    async (newest) =>
      newest.epoch > after ? undefined : { ...successorOf(newest, newest, now()), epoch: newest.epoch + 1 },
    signal,
  );
  return committed ? manifest : undefined;
}
