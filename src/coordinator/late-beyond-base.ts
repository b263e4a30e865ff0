/**
 * Changes of partitions that the base holds: nothing reads them for a delta, so they are counted, told, and wait for the next
 * base.
 *
 * What the base was made of is written in its record: partition times beside the names of their parts, and such a name covers
 * keys, sizes and etags of the partition's objects. So an object that is new, changed or gone is told exactly, without
 * a list of the base's objects and without any clock. Where the record cannot tell (a part of another release, a base that was
 * folded from segments which are gone), the first sighting stands in for it.
 */
import { toIso } from '../base/time.js';
import type { Manifest } from '../manifest/manifest.js';
import { PART_PREFIX, partKey } from '../manifest/names.js';
import type { PartitionRef } from '../partition/folder.js';
import { DEFAULT_STORED_COMPRESSION } from '../segment/compress.js';
import type { Store } from '../store/store.js';
import { partHash } from './build-part.js';
import type { RunContext, RunDependencies } from './context.js';
import { makerOf } from './part-maker.js';
import { type PartRecord, readPartRecord } from './part-record.js';
import type { RunReport } from './report.js';
import type { RunMemory } from './run-memory.js';
import type { IndexSettings } from './settings.js';

/** A partition that is not what the base holds. */
export interface LateChange {
  /** ms since the epoch. */
  readonly time: number;
  readonly what: 'new' | 'changed';
}

/** Part names of a base by partition time. */
interface BaseParts {
  readonly names: ReadonlyMap<number, string>;
  /** Whether a time that is not among them is one that the base does not hold. */
  readonly isWhole: boolean;
}

export class LateBeyondBase {
  #base: string | undefined;
  #parts: BaseParts = { names: new Map(), isWhole: false };
  /** Names of parts as seen first, where the base's record is silent. */
  readonly #first = new Map<number, string>();
  readonly #late = new Map<number, string>();

  /** Looks at partitions at or before the base's watermark; gives the changes that were not known before. */
  async note(
    context: Pick<RunContext, 'index' | 'stored'>,
    manifest: Manifest | undefined,
    swept: readonly PartitionRef[],
  ): Promise<LateChange[]> {
    if (manifest?.base == null || swept.length === 0) return [];
    const { fingerprint } = manifest.schema;
    const { stored } = context;
    await this.#open(context, manifest);
    const found: LateChange[] = [];
    for (const partition of swept) {
      const { time, objects } = partition;
      const name = objects.length === 0 ? '' : partKey(partHash({ fingerprint, stored }, { time, objects }));
      const known = this.#parts.names.get(time) ?? this.#first.get(time) ?? (this.#parts.isWhole ? '' : undefined);
      if (known === undefined) this.#first.set(time, name);
      if (known === undefined || known === name) this.#late.delete(time);
      else if (this.#late.get(time) !== name) {
        this.#late.set(time, name);
        found.push({ time, what: known === '' ? 'new' : 'changed' });
      }
    }
    return found;
  }

  /**
   * How many partitions differ: what this process has found, or what stood in the manifest where that is more, since the
   * sweep may not have come round yet.
   */
  count(manifest: Manifest | undefined): number {
    return Math.max(manifest?.coverage.lateBeyondBase ?? 0, this.#late.size);
  }

  async #open(context: Pick<RunContext, 'index' | 'stored'>, manifest: Manifest): Promise<void> {
    const names = manifest.base!.segments.map(({ name }) => name);
    const base = names.join();
    if (base === this.#base) return;
    const isOurs = manifest.maker === undefined || manifest.maker === makerOf(context.stored);
    this.#parts = isOurs ? await readBaseParts(context.index, names) : { names: new Map(), isWhole: false };
    this.#first.clear();
    this.#late.clear();
    this.#base = base;
  }
}

/** Looks for late changes in what this run has swept. */
export async function noteLate(
  { memory, index }: RunDependencies,
  { stored = DEFAULT_STORED_COMPRESSION }: IndexSettings,
  manifest: Manifest | undefined,
  swept: readonly PartitionRef[],
): Promise<LateChange[]> {
  return (await memory?.lateBeyondBase.note({ index, stored }, manifest, swept)) ?? [];
}

/** The report with what the sweep has found. */
export function withLate(
  deps: RunDependencies,
  report: RunReport,
  previous: Manifest | undefined,
  late: readonly LateChange[],
): RunReport {
  const newlyLate = late.map(({ time, what }) => ({ time: toIso(time), what }));
  return { ...report, lateBeyondBase: lateCount(deps, previous), newlyLate };
}

/** The figure of the next manifest. */
export function lateCount({ memory }: { readonly memory?: RunMemory }, previous: Manifest | undefined): number {
  return memory?.lateBeyondBase.count(previous) ?? previous?.coverage.lateBeyondBase ?? 0;
}

async function readBaseParts(index: Store, segments: readonly string[]): Promise<BaseParts> {
  const names = new Map<number, string>();
  let isWhole = true;
  const add = async (segment: string): Promise<void> => {
    const record = await readPartRecord(index, segment);
    if (record === undefined) isWhole = false;
    else await addRecord(record);
  };
  const addRecord = async ({ segment, partitions, parts }: PartRecord): Promise<void> => {
    if (parts.length === 0 && isPart(segment.key)) names.set(partitions[0]!, segment.key);
    // The last ones are parts of one partition each; before them may lie an older base.
    let end = partitions.length;
    let at = parts.length;
    while (at > 0 && isPart(parts[at - 1]!)) names.set(partitions[--end]!, parts[--at]!);
    for (const inner of parts.slice(0, at)) await add(inner);
  };
  for (const segment of segments) await add(segment);
  return { names, isWhole };
}

const isPart = (name: string): boolean => name.startsWith(PART_PREFIX);
