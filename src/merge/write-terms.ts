/**
 * Merges the text and keyword fields of a segment and writes their sections.
 *
 * All ranges of all fields form one row of tasks that the pool works through ahead of the writer, so that it never runs dry
 * between two fields; the writer takes the results in order.
 */

import { mapOrdered } from '../base/ordered.js';
import { type FieldEntry, ID_FIELD } from '../segment/layout.js';
import type { SegmentWriter } from '../segment/writer.js';
import type { MergeResult, MergeTask, PlannedField } from '../shard/task.js';
import type { MergeContext } from './context.js';
import { DictionaryEncoder } from './dictionary-encoder.js';
import type { SegmentInput, TermsFieldInput } from './input.js';
import { encodeOrdinals } from './ordinals.js';
import { planRanges, type TermRange } from './ranges.js';

/**
 * Bytes of input a merge task reads. Small enough that two threads end together and that a task's memory stays within a few
 * multiples of it, large enough that starting one does not show: one of stored parts reads a piece of every part.
 */
const RANGE_BYTES = { memory: 2 * 1024 * 1024, stored: 4 * 1024 * 1024 };

/** Tasks under way or waiting, a thread: the writer must never let a thread wait for its next one. */
const TASKS_AHEAD = 3;

interface FieldMerge {
  readonly field: PlannedField;
  readonly ranges: readonly TermRange[];
  readonly norms: Uint8Array | undefined;
  readonly docCount: number;
  readonly maxLength: number;
  /** The most positions that are held at once while a list is written. */
  readonly positions: number;
}

/**
 * Writes the sections of `fields` in order; returns the footer's entries. A field is planned when the pool has room for its tasks, so
 * that it is at work on the first while the next ones are planned; `meanwhile` is called once it is.
 */
export async function writeTerms(
  context: MergeContext,
  writer: SegmentWriter,
  fields: readonly PlannedField[],
  inputs: readonly SegmentInput[],
  meanwhile: () => void,
): Promise<FieldEntry[]> {
  const docs = inputs.reduce((sum, input) => sum + input.docs, 0);
  const planned: Promise<FieldMerge>[] = [];
  const plan = (i: number) => (planned[i] ??= planField(context, fields[i]!, inputs, docs));
  const results = mapOrdered(
    tasksOf(context, fields, plan, docs, meanwhile),
    context.pool.threads * TASKS_AHEAD,
    (one) => context.pool.run({ ...one.task, memory: context.pool.memory.lend('merge') }, one.bytes),
  );
  const entries: FieldEntry[] = [];
  try {
    for (let i = 0; i < fields.length; i++) {
      entries.push(await writeField(context, writer, await plan(i), docs, results));
    }
  } finally {
    await results.return(undefined);
  }
  return entries;
}

async function* tasksOf(
  context: MergeContext,
  fields: readonly PlannedField[],
  plan: (i: number) => Promise<FieldMerge>,
  docs: number,
  meanwhile: () => void,
) {
  for (let i = 0; i < fields.length; i++) {
    const merge = await plan(i);
    for (const range of merge.ranges) yield taskOf(context, merge, range, docs);
    if (i === 0) meanwhile();
  }
}

async function planField(
  { rangeBytes }: MergeContext,
  field: PlannedField,
  inputs: readonly SegmentInput[],
  docs: number,
): Promise<FieldMerge> {
  const parts = await Promise.all(inputs.map((input) => input.terms(field.name)));
  const docBases: number[] = [];
  let base = 0;
  for (const { docs: count } of inputs) {
    docBases.push(base);
    base += count;
  }
  // Lists of parts are read by blocks of 128 documents, behind those that wait to fill one.
  const fromParts = inputs.some(({ stored }) => stored.kind === 'blocks');
  const maxLength = parts.reduce((most, part) => Math.max(most, part.maxLength), 0);
  const positions = parts.reduce((sum, part) => sum + part.positions, 0);
  return {
    field,
    ranges: planRanges(
      parts.map(({ terms }) => terms),
      docBases,
      rangeBytes ?? RANGE_BYTES[fromParts ? 'stored' : 'memory'],
    ),
    norms: field.type === 'text' ? joinNorms(parts, docs) : undefined,
    docCount: parts.reduce((sum, part) => sum + part.docCount, 0),
    maxLength,
    positions: Math.min((fromParts ? 256 : 128) * maxLength, positions),
  };
}

/** One byte a document over all inputs, in shared memory for the merging threads. */
function joinNorms(parts: readonly TermsFieldInput[], docs: number): Uint8Array {
  const norms = new Uint8Array(new SharedArrayBuffer(docs));
  let at = 0;
  for (const part of parts) {
    norms.set(part.norms!, at);
    at += part.norms!.length;
  }
  return norms;
}

function taskOf(context: MergeContext, merge: FieldMerge, range: TermRange, docs: number) {
  const task: Omit<MergeTask, 'memory'> = {
    kind: 'merge',
    store: context.store,
    text: merge.field.type === 'text',
    docs,
    norms: merge.norms,
    positions: merge.positions,
    inputs: range.inputs,
    from: range.from,
    to: range.to,
    cancel: context.cancel,
  };
  return { task, bytes: range.bytes };
}

async function writeField(
  { kernel, pool }: MergeContext,
  writer: SegmentWriter,
  merge: FieldMerge,
  docs: number,
  results: AsyncGenerator<MergeResult>,
): Promise<FieldEntry> {
  const { name, type } = merge.field;
  const dictionary = new DictionaryEncoder(kernel, type === 'text');
  // A keyword field is inverted into its ordinals once all its terms are there; ids are not, nobody facets by them.
  const kept: MergeResult[] = [];
  let [terms, sumDocFreq, sumTotalTermFreq] = [0, 0, 0];
  writer.beginSection('postings', name);
  for (let i = 0; i < merge.ranges.length; i++) {
    const result: MergeResult = (await results.next()).value;
    await writer.write(result.postings);
    dictionary.add(result.entries);
    terms += result.terms;
    sumDocFreq += result.sumDocFreq;
    sumTotalTermFreq += result.sumTotalTermFreq;
    if (type === 'keyword' && name !== ID_FIELD) kept.push(result);
    else pool.memory.takeBack('merge', result.memory);
  }
  await writer.endSection();
  const encoded = dictionary.finish();
  await writer.section('terms', name, ...encoded.terms);
  await writer.section('termIndex', name, ...encoded.termIndex);
  if (merge.norms !== undefined) await writer.section('norms', name, merge.norms);
  if (type === 'keyword' && name !== ID_FIELD) {
    await writer.section('ordinals', name, encodeOrdinals(kernel, kept, docs));
    for (const { memory } of kept) pool.memory.takeBack('merge', memory);
  }
  const { docCount, maxLength } = merge;
  const statistics = { terms, docCount, sumDocFreq, sumTotalTermFreq };
  if (type !== 'text') return { name, type, ...statistics };
  return { name, type, analyzer: merge.field.analyzer!, ...statistics, maxLength };
}
