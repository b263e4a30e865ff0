/** Whether a generation stands in one line with the one before, and what is worth knowing of it that is no defect. */
import { TidemarkError } from '../base/errors.js';
import type { Manifest } from '../manifest/manifest.js';
import { manifestKey } from '../manifest/names.js';
import { readManifest } from '../manifest/newest.js';
import type { SegmentDefect } from '../segment/check.js';
import type { Store } from '../store/store.js';
import { formatTime } from './format.js';

/** The generation before may be collected by now: then there is nothing to compare with. */
export async function lineDefects(store: Store, manifest: Manifest, signal: AbortSignal): Promise<SegmentDefect[]> {
  const { generation, rolledBackFrom } = manifest;
  const defects: SegmentDefect[] = [];
  const tell = (section: string, message: string) =>
    defects.push({ segment: manifestKey(generation), section, message });
  if (rolledBackFrom !== undefined && rolledBackFrom >= generation) {
    tell('rolledBackFrom', `it says that generation ${rolledBackFrom} was left, which is not older`);
  }
  const before = await readIfThere(store, generation - 1, signal);
  if (before === undefined) return defects;
  if (manifest.parent !== undefined && manifest.parent !== before.nonce) {
    tell('parent', 'it was not made from the generation before');
  }
  if (manifest.epoch < before.epoch) tell('epoch', `it has epoch ${manifest.epoch}, the one before ${before.epoch}`);
  const fell = before.watermark !== undefined && (manifest.watermark ?? Number.NEGATIVE_INFINITY) < before.watermark;
  if (fell && rolledBackFrom === undefined) tell('watermark', 'it fell, and no rollback is recorded');
  return defects;
}

async function readIfThere(store: Store, generation: number, signal: AbortSignal): Promise<Manifest | undefined> {
  try {
    return await readManifest(store, generation, signal);
  } catch (error) {
    // An older generation that cannot be read is nobody's business any more.
    if (error instanceof TidemarkError && ['not-found', 'corrupt'].includes(error.code)) return undefined;
    throw error;
  }
}

/** Sentences about a rollback that is still in effect. */
export function lineNotes({ rolledBackFrom, held }: Manifest): string[] {
  const left = rolledBackFrom === undefined ? [] : [`rolled back from generation ${rolledBackFrom}`];
  const spans = held.map(
    ({ from, to }) => `${from === undefined ? 'the beginning' : formatTime(from)} to ${formatTime(to)}`,
  );
  return spans.length === 0
    ? left
    : [...left, `partitions after ${spans.join(', after ')} are held until tidemark resume`];
}
