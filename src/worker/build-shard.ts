/**
 * One shard, start to end: decode its rows, sort them into documents, tombstones and rejects, build every field in the
 * kernel, and hand back term entries with their occurrences, columns and stored rows.
 *
 * Columns are decoded once; the kernel works field by field, so that only one field's tables are in memory.
 */

import { TidemarkError } from '../base/errors.js';
import type { F64Column, I64Column } from '../decode/columns.js';
import { ANALYZERS } from '../kernel/analyzers.js';
import type { Kernel } from '../kernel/kernel.js';
import { GROUP_FIELD, hasTerms, ID_FIELD, VERSION_FIELD } from '../segment/layout.js';
import type { BuildPlan, ColumnShard, PlannedField, ShardResult, ShardTask, TermsShard } from '../shard/task.js';
import { checkCancel } from './cancel.js';
import { ColumnBuilder, type PlacedColumn, type SliceColumns } from './columns.js';
import { Outbox } from './outbox.js';
import { findBadRows, planRows, type RowPlan } from './rows.js';
import { buildStored } from './stored.js';

/** Decoded columns of one slice, and what its rows are. */
export interface DecodedSlice {
  readonly columns: SliceColumns;
  readonly rows: RowPlan;
}

/** Reads the columns of one slice, byte strings into the kernel's arena; the worker's entry binds it to the store. */
export type ReadSlice = (kernel: Kernel, slice: ShardTask['slices'][number]) => Promise<SliceColumns>;

/** Builds the shard; `elapsed` is a monotonic clock in ms. */
export async function buildShard(
  task: ShardTask,
  kernel: Kernel,
  readSlice: ReadSlice,
  elapsed: () => number,
): Promise<ShardResult> {
  const started = elapsed();
  const outbox = new Outbox(task.memory);
  const slices: DecodedSlice[] = [];
  let docs = 0;
  kernel.call.reset();
  for (const slice of task.slices) {
    checkCancel(task.cancel);
    const columns = await readSlice(kernel, slice);
    const rows = planRows(kernel, slice, task.plan, columns, findBadRows(kernel, columns, task.plan), docs);
    docs = rows.docEnd;
    slices.push({ columns, rows });
  }
  const readMs = elapsed() - started;
  const terms = termFields(task.plan).map(({ name, column, field }) => {
    checkCancel(task.cancel);
    return buildTerms(kernel, outbox, name, column, field, slices, docs);
  });
  const columns = numericFields(task.plan).map(({ name, column }) => buildColumn(outbox, name, column, slices, docs));
  checkCancel(task.cancel);
  const stored = buildStored(kernel, outbox, task.plan, slices, docs);
  const collect = <T>(pick: (rows: RowPlan) => readonly T[]): T[] => slices.flatMap(({ rows }) => pick(rows));
  return {
    memory: outbox.memory,
    docs,
    terms,
    columns,
    ...stored,
    runs: collect((rows) => rows.runs),
    tombstones: collect((rows) => rows.tombstones),
    rejects: collect((rows) => rows.rejects),
    timings: { readMs, buildMs: elapsed() - started - readMs },
    kernelBytes: kernel.memoryBytes,
  };
}

interface TermField {
  readonly name: string;
  readonly column: string;
  readonly field: PlannedField | undefined;
}

/** Internal keys first, then the schema's text and keyword fields: the footer's order. */
function termFields(plan: BuildPlan): TermField[] {
  const keys: TermField[] = [{ name: ID_FIELD, column: plan.id, field: undefined }];
  if (plan.group !== undefined) keys.push({ name: GROUP_FIELD, column: plan.group, field: undefined });
  const own = plan.fields.filter(({ type }) => hasTerms(type));
  return [...keys, ...own.map((field) => ({ name: field.name, column: field.name, field }))];
}

function numericFields(plan: BuildPlan): { readonly name: string; readonly column: string }[] {
  const own = plan.fields.filter(({ type }) => !hasTerms(type)).map(({ name }) => ({ name, column: name }));
  return plan.version?.field === VERSION_FIELD ? [...own, { name: VERSION_FIELD, column: plan.version.column }] : own;
}

function bytesColumn(columns: SliceColumns, name: string): PlacedColumn | undefined {
  const column = columns[name];
  if (column === undefined || column.kind === 'placed') return column;
  throw new TidemarkError('internal', `column '${name}' was decoded as ${column.kind}, but a field needs its bytes`);
}

function buildTerms(
  kernel: Kernel,
  outbox: Outbox,
  name: string,
  column: string,
  field: PlannedField | undefined,
  slices: readonly DecodedSlice[],
  docs: number,
): TermsShard {
  const { call } = kernel;
  const before = call.mark();
  const inputs = slices.map((slice) => ({ rows: slice.rows, column: bytesColumn(slice.columns, column) }));
  let [bytes, values, longest] = [0, 0, 0];
  for (const input of inputs) {
    if (input.column === undefined) continue;
    const { sizes } = input.column;
    bytes += sizes.bytes;
    values += sizes.values;
    longest = Math.max(longest, sizes.longest);
  }
  const text = field?.type === 'text';
  call.beginField(text ? ANALYZERS[field.analyzer!] : call.EXACT.value, docs, bytes, values, longest);
  for (const { rows, column: input } of inputs) {
    if (input === undefined) {
      call.addMissing(rows.docEnd - rows.docStart);
      continue;
    }
    const docOf = kernel.copyInArray(rows.docOf);
    const { lists, offsets, data, validity, valueValidity } = input;
    if (lists === 0) call.addValues(offsets, data, input.rows, docOf, validity);
    else call.addLists(lists, offsets, data, input.rows, docOf, validity, valueValidity);
  }
  call.finishField();
  const result = takeTerms(kernel, outbox, name, text, docs);
  call.release(before);
  return result;
}

/** Copies the finished field out of the arena. */
function takeTerms(kernel: Kernel, outbox: Outbox, name: string, text: boolean, docs: number): TermsShard {
  const { call } = kernel;
  const sampleCount = Math.ceil(call.termCount.value / call.SAMPLE_EVERY.value);
  const samples = outbox.copyOut(kernel, call.samples.value, sampleCount * 8);
  return {
    name,
    entries: outbox.copyOut(kernel, call.entries.value, call.entriesLength.value),
    samples: new Uint32Array(samples.buffer, samples.byteOffset, sampleCount * 2),
    occurrences: outbox.copyOut(kernel, call.occurrences.value, call.occurrencesLength.value),
    positionBits: call.positionBits.value,
    norms: text ? outbox.copyOut(kernel, call.fieldNorms.value, docs) : undefined,
    docCount: call.fieldDocCount.value,
    maxLength: call.maxLength.value,
  };
}

function buildColumn(
  outbox: Outbox,
  name: string,
  column: string,
  slices: readonly DecodedSlice[],
  docs: number,
): ColumnShard {
  const builder = new ColumnBuilder(outbox, docs);
  for (const { columns, rows } of slices) builder.add(columns[column] as I64Column | F64Column | undefined, rows.docOf);
  return { name, ...builder.finish() };
}
