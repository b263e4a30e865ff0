/** One setting of the knobs that are searched, and its neighbours along each of them. */

import type { CompressionLevel, StoredCompression } from '../segment/compress.js';
import { assignShards, defaultShardBytes, type RowGroupSize } from '../shard/assign.js';

export interface Candidate {
  readonly threads: number;
  readonly shardBytes: number | 'auto';
  readonly stored: StoredCompression;
}

export type Knob = keyof Candidate;

/** What the values worth trying depend on. */
export interface SearchSpace {
  /** Cores of the machine. */
  readonly cores: number;
  /** Row groups of the training partition. */
  readonly groups: readonly RowGroupSize[];
}

/** Shards a thread beyond which their merge is all that grows. */
const MAX_SHARDS_PER_THREAD = 16;

/** The ends of the scale first: they tell most. */
const LEVELS: readonly CompressionLevel[] = [1, 0, 9, 6, 2, 4];

/** Equal for equal candidates, and readable. */
export function candidateKey({ threads, shardBytes, stored }: Candidate): string {
  return `${threads}/${shardBytes}/${stored.codec}${stored.level}`;
}

/** Whether two candidates are one and the same. */
export function isSame(a: Candidate, b: Candidate): boolean {
  return candidateKey(a) === candidateKey(b);
}

/**
 * The values of one knob beside the one that `from` has, those worth most first: where time is short, the last ones are left out. Shard
 * sizes that cut the partition like another one are no candidates of their own.
 */
export function neighbours(from: Candidate, knob: Knob, space: SearchSpace): Candidate[] {
  switch (knob) {
    case 'threads':
      return threadLadder(space.cores)
        .filter((threads) => threads !== from.threads)
        .sort((a, b) => Math.abs(a - from.threads) - Math.abs(b - from.threads))
        .map((threads) => ({ ...from, threads }));
    case 'shardBytes':
      return shardLadder(from, space).map((shardBytes) => ({ ...from, shardBytes }));
    case 'stored':
      return LEVELS.filter((level) => level !== from.stored.level).map(
        (level): Candidate => ({ ...from, stored: { codec: level === 0 ? 'none' : 'deflate', level } }),
      );
  }
}

/** One thread, half of the cores, and one less or more than all: the main thread merges and writes beside them. */
function threadLadder(cores: number): number[] {
  return [...new Set([1, Math.ceil(cores / 2), cores - 1, cores, cores + 1])].filter((threads) => threads >= 1);
}

/** Powers of two from a shard for the whole partition down to many a thread, each with a cut of its own. */
function shardLadder({ threads, shardBytes }: Candidate, { groups }: SearchSpace): number[] {
  const total = groups.reduce((sum, { textBytes }) => sum + textBytes, 0);
  const cutBy = (bytes: number | undefined) =>
    JSON.stringify(assignShards(groups, { threads, shardBytes: bytes }).map(({ slices }) => slices));
  const present = shardBytes === 'auto' ? undefined : shardBytes;
  const cuts = new Set([cutBy(present)]);
  const sizes: number[] = [];
  for (let bytes = 64 * 1024; bytes <= 2 ** 30; bytes *= 2) {
    const cut = cutBy(bytes);
    if (total / bytes > MAX_SHARDS_PER_THREAD * threads || cuts.has(cut)) continue;
    cuts.add(cut);
    sizes.push(bytes);
  }
  const middle = Math.log2(present ?? defaultShardBytes(total, threads));
  return sizes.sort((a, b) => Math.abs(Math.log2(a) - middle) - Math.abs(Math.log2(b) - middle));
}
