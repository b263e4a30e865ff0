/**
 * Partitions whose data is bad are remembered by the plan hash of their objects: as long as the listing shows the very same ones
 * they are set aside unread, and tried again as soon as it changes.
 */

import { describeError, type TidemarkError } from '../base/errors.js';
import { badPartKey } from '../manifest/names.js';
import { type PinnedPartition, partHash } from './build-part.js';
import type { RunContext } from './context.js';

/** The reasons of those that are known to be bad, by time. */
export async function knownBad(
  context: RunContext,
  partitions: readonly PinnedPartition[],
): Promise<ReadonlyMap<number, string>> {
  const bad = new Map<number, string>();
  for (const partition of partitions) {
    const key = badKeyOf(context, partition);
    if ((await context.index.stat(key)) === undefined) continue;
    const { reason } = JSON.parse(new TextDecoder().decode(await context.index.read(key))) as { reason: string };
    bad.set(partition.time, reason);
  }
  return bad;
}

/** Remembers why a partition is bad; returns the reason. */
export async function rememberBad(
  context: RunContext,
  partition: PinnedPartition,
  error: TidemarkError,
): Promise<string> {
  const reason = describeError(error);
  const bytes = new TextEncoder().encode(`${JSON.stringify({ reason })}\n`);
  await context.index.put(badKeyOf(context, partition), bytes);
  return reason;
}

/** Named by the configured compression: what is bad is so by any other. */
function badKeyOf({ fingerprint, storedChoices }: RunContext, partition: PinnedPartition): string {
  return badPartKey(partHash({ fingerprint, stored: storedChoices[0]! }, partition));
}
