/** Figures of the hot path that are the same at every run: instructions, bytes, requests. No noise, so hardly any tolerance. */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Kernel as KernelClass } from '#src/kernel/kernel.js';
import type { Store, StoreCounters } from '#src/store/store.js';
import { ROOT } from '../harness/command.js';
import { corpus } from '../harness/corpus.js';
import { land } from '../harness/feed.js';
import { openIndex, openPool, timedRun, withFolder } from '../harness/index-run.js';
import { COUNTER_EXPORT, countInstructions } from './instrument.js';
import { buildShards, type KernelPair, mergeShards, openWorkload, tokenizeTexts } from './workload.js';

/** By name, each a whole number. All are exact but for a few bytes of the manifest's times. */
export type Counts = Readonly<Record<string, number>>;

export async function countAll(): Promise<Counts> {
  return { ...(await countKernel()), ...(await countRequests()) };
}

/** Instructions of each phase, memory they take, bytes that they hand on. */
async function countKernel(): Promise<Counts> {
  const { Kernel } = await countedModule();
  const workload = await openWorkload();
  const kernels: KernelPair = { worker: Kernel.create(), main: Kernel.create() };
  const executed = () => counterOf(kernels.worker) + counterOf(kernels.main);
  let before = executed();
  const since = () => {
    const now = executed();
    const count = now - before;
    before = now;
    return count;
  };
  const tokens = tokenizeTexts(kernels.worker, workload);
  const tokenize = since();
  const shards = await buildShards(kernels.worker, workload);
  const build = since();
  const segmentBytes = await mergeShards(kernels, shards);
  return {
    tokens,
    tokenizeInstructions: tokenize,
    buildInstructions: build,
    mergeInstructions: since(),
    shardBytes: shards.reduce((sum, shard) => sum + sharedBytes(shard), 0),
    segmentBytes,
    kernelMemoryBytes: kernels.worker.memoryBytes,
  };
}

function counterOf(kernel: KernelClass): number {
  const { [COUNTER_EXPORT]: counter } = kernel.call as unknown as Record<string, { readonly value: bigint }>;
  return Number(counter!.value);
}

/** The compiled sources once more, beside the build folder, with a kernel that counts. */
async function countedModule(): Promise<{ readonly Kernel: typeof KernelClass }> {
  const copy = join(ROOT, 'build', `bench-counted-${process.pid}`);
  try {
    cpSync(join(ROOT, 'dist'), copy, { recursive: true });
    writeFileSync(join(copy, 'kernel.wasm'), countInstructions(readFileSync(join(ROOT, 'dist/kernel.wasm'))));
    const module: { readonly Kernel: typeof KernelClass } = await import(
      pathToFileURL(join(copy, 'kernel/kernel.js')).href
    );
    // The artefact is read when the first kernel is made.
    module.Kernel.create();
    return module;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Bytes of the buffers that a shard hands to the merge: what every change of layout shows in. */
function sharedBytes(value: unknown): number {
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((sum: number, part) => sum + sharedBytes(part), 0);
}

const WINDOW = 5;
const WINDOW_DOCS = 200;

/** Requests of the coordinator's stores: one trigger with a new partition over a window, and one that finds nothing. */
async function countRequests(): Promise<Counts> {
  const partitions = WINDOW + 1;
  const source = await corpus({ docs: WINDOW_DOCS * partitions, partitions, updateRatio: 0, tombstoneRatio: 0 });
  const pool = openPool(1);
  try {
    return await withFolder(async (folder) => {
      const live = join(folder, 'source');
      const index = await openIndex(live, join(folder, 'index'));
      for (let n = 0; n < WINDOW; n++) land(source, n, live);
      await timedRun(index, pool);
      land(source, WINDOW, live);
      const start = [snapshot(index.source), snapshot(index.index)] as const;
      const { report } = await timedRun(index, pool);
      const middle = [snapshot(index.source), snapshot(index.index)] as const;
      await timedRun(index, pool);
      const end = [snapshot(index.source), snapshot(index.index)] as const;
      index.close();
      return {
        triggerRequests: requestsOf(start, middle),
        idleRequests: requestsOf(middle, end),
        triggerWrittenBytes: middle[1].writtenBytes - start[1].writtenBytes,
        deltaBytes: report.segments.reduce((sum, { bytes }) => sum + bytes, 0),
      };
    });
  } finally {
    await pool.close();
  }
}

type Pair = readonly [StoreCounters, StoreCounters];

function snapshot(store: Store): StoreCounters {
  return { ...store.counters! };
}

function requestsOf(before: Pair, after: Pair): number {
  const total = (pair: Pair) =>
    pair.reduce((sum, { list, get, put, head, delete: removed }) => sum + list + get + put + head + removed, 0);
  return total(after) - total(before);
}
