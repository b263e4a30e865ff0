/** A stored part without its killed documents and without tombstones that have nothing left to do: an input of a compaction. */

import { type DocMap, docMapOf, PURGED } from '../segment/doc-map.js';
import { ID_FIELD } from '../segment/layout.js';
import { byte4ToInt } from '../segment/norms.js';
import { NO_MORE_DOCS } from '../segment/postings.js';
import type { SegmentReader } from '../segment/reader.js';
import { walkLists } from '../segment/walk.js';
import type { SourceRun } from '../segment/write-sources.js';
import type { TombstoneEntry } from '../segment/write-tombstones.js';
import type { PinnedObject } from '../shard/task.js';
import type { MergeContext } from './context.js';
import type { NumericInput, SegmentInput, TermsFieldInput } from './input.js';
import { partInput } from './part-input.js';
import { purgedStored } from './purged-stored.js';

export interface PurgeOptions {
  /** Documents that go; undefined where all stay. */
  readonly kills: Uint8Array | undefined;
  readonly keepsTombstone: (tombstone: TombstoneEntry) => boolean;
}

/** `object` = where the part lies, pinned; `reader` has it open. */
export async function purgedInput(
  context: MergeContext,
  object: PinnedObject,
  reader: SegmentReader,
  { kills, keepsTombstone }: PurgeOptions,
): Promise<SegmentInput> {
  const part = await partInput(object, reader);
  const tombstones = part.tombstones.filter(keepsTombstone);
  if (kills === undefined) return { ...part, tombstones };
  const map = docMapOf(kills, reader.docs);
  return {
    docs: map.docs,
    terms: async (name) => purgeField(await part.terms(name), reader, name, map),
    column: async (name) => purgeColumn(await part.column(name), map),
    stored: await purgedStored(context, reader, map.numbers),
    sources: { partitions: part.sources.partitions, runs: purgeRuns(part.sources.runs, map.numbers) },
    tombstones,
  };
}

async function purgeField(
  field: TermsFieldInput,
  reader: SegmentReader,
  name: string,
  map: DocMap,
): Promise<TermsFieldInput> {
  const { terms, norms } = field;
  const rest = norms === undefined ? undefined : purgeNorms(norms, map);
  return {
    terms: {
      ...terms,
      slice: (start, end, docBase) => {
        const input = terms.slice(start, end, docBase);
        return input.kind === 'stored' ? { ...input, docMap: map.numbers } : input;
      },
    },
    norms: rest,
    positions: field.positions,
    docCount:
      rest === undefined
        ? await keywordDocs(reader, name, map)
        : rest.reduce((sum, norm) => sum + (norm > 0 ? 1 : 0), 0),
    maxLength: rest === undefined ? field.maxLength : await maxLengthOf(reader, name, map, rest),
  };
}

function purgeNorms(norms: Uint8Array, { numbers, docs }: DocMap): Uint8Array {
  const rest = new Uint8Array(docs);
  for (let docId = 0; docId < numbers.length; docId++) {
    if (numbers[docId] !== PURGED) rest[numbers[docId]!] = norms[docId]!;
  }
  return rest;
}

/** Documents left that have a value. */
async function keywordDocs(reader: SegmentReader, name: string, { numbers, docs }: DocMap): Promise<number> {
  if (name === ID_FIELD) return docs;
  const ordinals = await reader.ordinals(name);
  let count = 0;
  for (let docId = 0; docId < numbers.length; docId++) {
    if (numbers[docId] !== PURGED && ordinals.first(docId) >= 0) count++;
  }
  return count;
}

/** A norm tells a length exactly up to here; a longer field's is counted from its postings. */
const EXACT_LENGTHS = 40;

/** Tokens of the longest field that is left. */
async function maxLengthOf(reader: SegmentReader, name: string, map: DocMap, norms: Uint8Array): Promise<number> {
  let most = 0;
  for (const norm of norms) if (norm > most) most = norm;
  const length = byte4ToInt(most);
  if (length < EXACT_LENGTHS) return length;
  const lengths = new Uint32Array(map.docs);
  await walkLists(reader, name, (_, list) => {
    for (let docId = list.next(); docId !== NO_MORE_DOCS; docId = list.next()) {
      const doc = map.numbers[docId]!;
      if (doc !== PURGED && norms[doc] === most) lengths[doc]! += list.freq;
    }
  });
  return lengths.reduce((longest, tokens) => Math.max(longest, tokens), 0);
}

function purgeColumn({ values, presence }: NumericInput, { numbers, docs }: DocMap): NumericInput {
  const rest = new BigInt64Array(docs);
  const bits = new Uint8Array((docs + 7) >> 3);
  let present = 0;
  for (let docId = 0; docId < numbers.length; docId++) {
    const doc = numbers[docId]!;
    if (doc === PURGED) continue;
    if (presence !== undefined && ((presence[docId >> 3]! >> (docId & 7)) & 1) === 0) continue;
    rest[doc] = values[docId]!;
    bits[doc >> 3]! |= 1 << (doc & 7);
    present++;
  }
  return { values: rest, presence: present === docs ? undefined : bits };
}

/** Each run cut where documents of it go. */
function purgeRuns(runs: readonly SourceRun[], numbers: Uint32Array): SourceRun[] {
  const rest: SourceRun[] = [];
  let docId = 0;
  for (const { object, rowGroup, rowStart, docs } of runs) {
    let open: { rowStart: number; docs: number } | undefined;
    for (let i = 0; i < docs; i++, docId++) {
      if (numbers[docId] === PURGED) {
        if (open !== undefined) rest.push({ object, rowGroup, ...open });
        open = undefined;
      } else if (open === undefined) open = { rowStart: rowStart + i, docs: 1 };
      else open.docs++;
    }
    if (open !== undefined) rest.push({ object, rowGroup, ...open });
  }
  return rest;
}
