/** One part made again from the objects that its record pins. */
import { TidemarkError } from '../base/errors.js';
import { buildPart, type PinnedPartition, partHash } from '../coordinator/build-part.js';
import type { PartRecord } from '../coordinator/part-record.js';
import { partKey } from '../manifest/names.js';
import type { ReplayContext } from './context.js';
import { type Finding, unreadable } from './findings.js';

export async function replayPart(
  { run }: ReplayContext,
  { segment, partitions, objects }: PartRecord,
): Promise<{ readonly record: PartRecord } | { readonly finding: Finding }> {
  const partition: PinnedPartition = { time: partitions[0]!, objects };
  const gone: string[] = [];
  for (const object of objects) {
    const now = await run.source.stat(object.key, run.signal);
    if (now === undefined) gone.push(`${object.key} is no longer there`);
    else if (now.etag !== object.etag || now.size !== object.size) gone.push(`${object.key} is another object by now`);
  }
  if (gone.length > 0) {
    return { finding: { object: segment.key, verdict: 'missing', detail: `its input is gone: ${gone.join(', ')}` } };
  }
  // A run short of time may have stored it by the cheaper compression: its name tells.
  const { fingerprint, storedChoices } = run;
  const stored = storedChoices.find(
    (choice) => partKey(partHash({ fingerprint, stored: choice }, partition)) === segment.key,
  );
  try {
    return { record: await buildPart({ ...run, stored: stored ?? run.stored }, partition) };
  } catch (error) {
    if (!(error instanceof TidemarkError) || !['changed', 'bad-data', 'not-found'].includes(error.code)) throw error;
    return { finding: unreadable(segment.key, error) };
  }
}
