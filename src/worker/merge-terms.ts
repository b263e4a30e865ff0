/** One merge task: the terms of one range of one field, from shards in memory or from stored parts. */

import type { Kernel } from '../kernel/kernel.js';
import type { MergeInput, MergeResult, MergeTask } from '../shard/task.js';
import { checkCancel } from './cancel.js';
import { Outbox } from './outbox.js';
import { PAIR_POSITION_BITS, purgeTerms } from './purge-terms.js';

/** No bound on this side of the range. */
const UNBOUNDED = 0xffffffff;

/** Reads an absolute byte range of a stored segment; the worker's entry binds it to the store. */
export type ReadRange = (
  object: Extract<MergeInput, { kind: 'stored' }>['object'],
  start: number,
  end: number,
) => Promise<Uint8Array>;

export async function mergeTerms(task: MergeTask, kernel: Kernel, read: ReadRange): Promise<MergeResult> {
  checkCancel(task.cancel);
  const stored = await Promise.all(task.inputs.map((input) => readStored(input, read)));
  checkCancel(task.cancel);
  const { call } = kernel;
  call.reset();
  const text = task.text ? 1 : 0;
  const inputs = task.inputs.map((input, i) => placeInput(kernel, input, stored[i], text));
  const norms = task.norms === undefined ? 0 : kernel.copyIn(task.norms);
  const [from, fromLength] = placeBound(kernel, task.from);
  const [to, toLength] = placeBound(kernel, task.to);
  call.beginMerge(inputs.length);
  for (const { entries, length, postings, docBase, raw } of inputs) {
    call.addInput(entries, length, postings, docBase, raw);
  }
  call.runMerge(text, task.docs, norms, from, fromLength, to, toLength);
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

async function readStored(input: MergeInput, read: ReadRange): Promise<StoredBytes | undefined> {
  if (input.kind === 'memory') return undefined;
  const [terms, postings] = await Promise.all([
    read(input.object, ...input.terms),
    read(input.object, ...input.postings),
  ]);
  return { terms, postings };
}

function placeInput(kernel: Kernel, input: MergeInput, stored: StoredBytes | undefined, text: number) {
  const { docBase } = input;
  if (input.kind === 'memory') {
    const entries = kernel.copyIn(input.entries);
    return {
      entries,
      length: input.entries.length,
      postings: kernel.copyIn(input.occurrences),
      docBase,
      raw: input.positionBits + 1,
    };
  }
  if (input.docMap !== undefined) {
    const { entries, occurrences } = purgeTerms(input, input.docMap, stored!, text === 1);
    const at = kernel.copyIn(entries);
    const raw = text === 1 ? PAIR_POSITION_BITS + 1 : 1;
    return { entries: at, length: entries.length, postings: kernel.copyIn(occurrences), docBase, raw };
  }
  const blocks = kernel.copyIn(stored!.terms);
  kernel.call.decodeTerms(blocks, stored!.terms.length, text, input.termCount);
  const { at, length } = kernel.out;
  return { entries: at, length, postings: kernel.copyIn(stored!.postings), docBase, raw: 0 };
}
