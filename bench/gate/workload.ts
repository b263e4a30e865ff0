/** What the gate runs: the hot path on one thread, phase by phase, over a small fixed corpus held in memory. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesSource } from '#src/base/bytes.js';
import type { BytesColumn, ColumnSet } from '#src/decode/columns.js';
import { type InputFile, openInput } from '#src/decode/input.js';
import { ANALYZERS } from '#src/kernel/analyzers.js';
import type { Kernel } from '#src/kernel/kernel.js';
import type { TaskRunner } from '#src/merge/context.js';
import { shardInput } from '#src/merge/shard-input.js';
import { writeSegment } from '#src/merge/write-segment.js';
import type { BuildPlan, RowSlice, ShardResult, TaskResults, WorkerTask } from '#src/shard/task.js';
import { buildShard } from '#src/worker/build-shard.js';
import { compressBlocks } from '#src/worker/compress.js';
import { mergeTerms } from '#src/worker/merge-terms.js';
import { columnRequests } from '#src/worker/requests.js';
import { corpus, partitionFolder } from '../harness/corpus.js';

/** Enough for every code path and for tables beyond the first cache; few enough for a phase to take some milliseconds. */
const DOCS = 4_000;
const GROUPS = 2;

/** Of the bench schema. */
export const BENCH_PLAN: BuildPlan = {
  id: 'package',
  group: undefined,
  version: undefined,
  deleted: undefined,
  replaceGroup: false,
  fields: [
    { name: 'name', type: 'text', analyzer: 'standard' },
    { name: 'summary', type: 'text', analyzer: 'standard' },
    { name: 'keywords', type: 'keyword' },
    { name: 'version', type: 'keyword' },
    { name: 'downloads', type: 'i64' },
  ],
  stored: [],
};

/** Never raised. */
const NO_CANCEL = new Int32Array(new SharedArrayBuffer(4));

export interface Workload {
  readonly file: InputFile;
  /** Columns of each row group. */
  readonly groups: readonly ColumnSet[];
}

/** The same bytes on every machine. */
export async function openWorkload(docs = DOCS, groups = GROUPS): Promise<Workload> {
  const source = await corpus({ docs, groupRows: Math.ceil(docs / groups) });
  const path = join(source.uri, partitionFolder(source, 0), 'part-00000.parquet');
  const file = await openInput(bytesSource(new Uint8Array(await readFile(path))), { key: path });
  return { file, groups: await decodeGroups(file) };
}

/** Phase `decode`: Parquet to columns. */
export async function decodeGroups(file: InputFile): Promise<ColumnSet[]> {
  const groups: ColumnSet[] = [];
  for (const rowGroup of file.rowGroups.keys()) {
    groups.push(await file.readRows({ ...sliceOf(file, rowGroup), columns: columnRequests(BENCH_PLAN) }));
  }
  return groups;
}

/** Phase `tokenize`: the long texts of the first row group; gives the number of tokens. */
export function tokenizeTexts(kernel: Kernel, { groups }: Workload): number {
  const { rows, data, offsets } = groups[0]!.summary as BytesColumn;
  const { call } = kernel;
  call.reset();
  const at = kernel.copyIn(data);
  let longest = 0;
  for (let row = 0; row < rows; row++) longest = Math.max(longest, offsets[row + 1]! - offsets[row]!);
  call.reserveTokens(longest);
  let tokens = 0;
  for (let row = 0; row < rows; row++) {
    tokens += call.tokenize(ANALYZERS.standard, at + offsets[row]!, offsets[row + 1]! - offsets[row]!);
  }
  return tokens;
}

/** Phase `build`: a shard of each row group. */
export async function buildShards(
  kernel: Kernel,
  { file, groups }: Workload,
  plan: BuildPlan = BENCH_PLAN,
): Promise<ShardResult[]> {
  const shards: ShardResult[] = [];
  for (const [rowGroup, columns] of groups.entries()) {
    const task = {
      kind: 'shard',
      plan,
      store: { uri: 'nowhere' },
      objects: [],
      slices: [sliceOf(file, rowGroup)],
      cancel: NO_CANCEL,
    } as const;
    shards.push(
      await buildShard(
        task,
        kernel,
        async () => columns,
        () => 0,
      ),
    );
  }
  return shards;
}

/** Kernels of a worker and of the main thread: merging resets the one while the other encodes. */
export interface KernelPair {
  readonly worker: Kernel;
  readonly main: Kernel;
}

/** Phase `merge`: the shards into a segment that goes nowhere; gives its bytes. */
export async function mergeShards(
  { worker, main }: KernelPair,
  shards: readonly ShardResult[],
  plan: BuildPlan = BENCH_PLAN,
): Promise<number> {
  const partitions = [{ time: 0, objects: ['part'] }];
  const inputs = shards.map((shard) => shardInput(shard, partitions));
  const context = { pool: localRunner(worker), kernel: main, store: { uri: 'nowhere' }, cancel: NO_CANCEL };
  let bytes = 0;
  await writeSegment(context, plan, 'f'.repeat(64), inputs, async (chunk) => {
    bytes += chunk.length;
  });
  return bytes;
}

function sliceOf({ rowGroups }: InputFile, rowGroup: number): RowSlice {
  return { object: 0, rowGroup, rowStart: 0, rowEnd: rowGroups[rowGroup]!.rows };
}

/** Runs merge tasks here and now, on the kernel given: one thread has no waiting to be measured. */
function localRunner(kernel: Kernel): TaskRunner {
  const run = async (task: WorkerTask): Promise<unknown> => {
    if (task.kind === 'compress') return compressBlocks(task);
    if (task.kind === 'shard') throw new Error('a merge builds no shards');
    return mergeTerms(task, kernel, async () => {
      throw new Error('nothing is stored');
    });
  };
  return { threads: 1, run: run as <T extends WorkerTask>(task: T) => Promise<TaskResults[T['kind']]> };
}
