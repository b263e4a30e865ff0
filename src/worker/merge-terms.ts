/** One merge task: the terms of one range of one field, from shards in memory or from stored parts. */

import type { Kernel } from '../kernel/kernel.js';
import type { MergeInput, MergeResult, MergeTask, PinnedObject } from '../shard/task.js';
import { readOpenFile } from '../store/file-open.js';
import { checkCancel } from './cancel.js';
import { Outbox } from './outbox.js';
import { PAIR_POSITION_BITS, purgeTerms } from './purge-terms.js';

/** No bound on this side of the range. */
const UNBOUNDED = 0xffffffff;

/** Reads an absolute byte range of a stored segment; the worker's entry binds it to the store. */
export type ReadRange = (object: PinnedObject, start: number, end: number) => Promise<Uint8Array>;

export async function mergeTerms(task: MergeTask, kernel: Kernel, read: ReadRange): Promise<MergeResult> {
  checkCancel(task.cancel);
  const fetched = await Promise.all(task.inputs.map((input) => fetchStored(input, read)));
  checkCancel(task.cancel);
  const { call } = kernel;
  call.reset();
  const norms = task.norms === undefined ? 0 : kernel.copyIn(task.norms);
  const bounds = [...placeBound(kernel, task.from), ...placeBound(kernel, task.to)] as const;
  call.beginMerge(task.inputs.length);
  task.inputs.forEach((input, i) => {
    if (input.kind === 'memory') placeShard(kernel, input);
    else placeStored(kernel, input, fetched[i], task.text);
  });
  call.runMerge(task.text ? 1 : 0, task.docs, norms, task.positions, ...bounds);
  const { out } = kernel;
  const outbox = new Outbox(task.memory);
  return {
    memory: outbox.memory,
    entries: outbox.copyOut(kernel, call.mergedEntries.value, call.mergedEntriesLength.value),
    postings: outbox.copyOut(kernel, out.at, out.length),
    terms: call.mergedTerms.value,
    sumDocFreq: call.mergedDocFreq.value,
    sumTotalTermFreq: call.mergedTotalTermFreq.value,
  };
}

function placeBound(kernel: Kernel, term: Uint8Array | undefined): [at: number, length: number] {
  return term === undefined ? [0, UNBOUNDED] : [kernel.copyIn(term), term.length];
}

interface StoredBytes {
  readonly terms: Uint8Array;
  readonly postings: Uint8Array;
}

/** Undefined where the input is in memory, or in a file that is held open. */
async function fetchStored(input: MergeInput, read: ReadRange): Promise<StoredBytes | undefined> {
  if (input.kind === 'memory' || typeof input.at === 'number') return undefined;
  const [terms, postings] = await Promise.all([read(input.at, ...input.terms), read(input.at, ...input.postings)]);
  return { terms, postings };
}

function placeShard(kernel: Kernel, input: Extract<MergeInput, { kind: 'memory' }>): void {
  const { entries, occurrences, docBase, positionBits } = input;
  kernel.call.addShardInput(kernel.copyIn(entries), entries.length, kernel.copyIn(occurrences), docBase, positionBits);
}

function placeStored(
  kernel: Kernel,
  input: Extract<MergeInput, { kind: 'stored' }>,
  fetched: StoredBytes | undefined,
  isText: boolean,
): void {
  const { docBase, termCount, at, docMap } = input;
  if (docMap !== undefined) {
    const { entries, occurrences } = purgeTerms(input, docMap, fetched!, isText);
    const positionBits = isText ? PAIR_POSITION_BITS : 0;
    const entriesAt = kernel.copyIn(entries);
    kernel.call.addShardInput(entriesAt, entries.length, kernel.copyIn(occurrences), docBase, positionBits);
    return;
  }
  const place = (bytes: Uint8Array | undefined, [start, end]: readonly [number, number]) =>
    typeof at === 'number' ? readIn(kernel, at, start, end) : kernel.copyIn(bytes!);
  const blocks = place(fetched?.terms, input.terms);
  const postings = place(fetched?.postings, input.postings);
  kernel.call.addStoredInput(blocks, input.terms[1] - input.terms[0], postings, docBase, termCount);
}

/** Reads straight into the kernel's memory. */
function readIn(kernel: Kernel, file: number, start: number, end: number): number {
  const at = kernel.call.alloc(end - start) >>> 0;
  readOpenFile(file, start, kernel.view(at, end - start));
  return at;
}
