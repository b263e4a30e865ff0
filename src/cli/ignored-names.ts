/** Names under the source that are no partition: a misspelled folder must not vanish without a word. */
import { readNewest } from '../manifest/newest.js';
import type { IgnoredKey } from '../partition/folder.js';
import { listPartitions } from '../partition/listing.js';
import type { IndexSession } from './session.js';

/** Lists what the next run would list, or everything for a base; one request per 1,000 objects of an ordered template. */
export async function ignoredNames(
  { deps, settings }: IndexSession,
  forBase: boolean,
  signal: AbortSignal,
): Promise<readonly IgnoredKey[]> {
  const manifest = forBase ? undefined : await readNewest(deps.index, { signal });
  const { partition, ready } = settings.source;
  const { ignored } = await listPartitions(deps.source, {
    template: partition,
    from: manifest?.base?.watermark,
    to: deps.clock.now() + ready.maxFutureSkewMs,
    marker: ready.marker,
    signal,
  });
  return ignored;
}
