/**
 * What differs between two generations of one index: documents by id, groups by their members, terms by their live counts.
 * Both are walked in order side by side, so that memory does not grow with the index; what is listed is bounded, what is
 * counted is not.
 */
import { compareBytes } from '../base/bytes.js';
import { type DocId, GROUP_FIELD, hasTerms } from '../segment/layout.js';
import { shownFields } from './documents.js';
import { type FieldValues, readFields } from './fields.js';
import { type LiveId, liveIds } from './live-ids.js';
import type { LiveSegment, Snapshot } from './snapshot.js';
import { type TermEntry, terms } from './terms.js';

/** `changed`: another row delivers the document in the second generation. */
export type Change = 'added' | 'removed' | 'changed';

export interface DocumentChange {
  readonly id: string;
  readonly change: Change;
  /** The group after the change, before it for a removed document; null without groups. */
  readonly group: string | null;
  /** Of a changed document: readable fields whose value differs, with both values. Text that is not stored cannot be compared. */
  readonly fields: Readonly<Record<string, { readonly before: unknown; readonly after: unknown }>>;
}

export interface TermChange {
  readonly term: string;
  readonly before: number;
  readonly after: number;
}

type Counts = Readonly<Record<Change, number>>;

export interface FieldDiff extends Counts {
  readonly field: string;
  /** Terms whose docFreq moved most, ties by their bytes. */
  readonly terms: readonly TermChange[];
}

export interface GenerationDiff {
  readonly before: number;
  readonly after: number;
  readonly documents: Counts & { readonly listed: readonly DocumentChange[] };
  /** Groups with an added, removed or changed member. */
  readonly groups: { readonly touched: number; readonly listed: readonly string[] };
  /** Text and keyword fields; counts are of distinct terms over live documents. */
  readonly fields: readonly FieldDiff[];
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Compares two generations; at most `limit` documents, groups and terms of a field are listed. */
export async function diffGenerations(before: Snapshot, after: Snapshot, limit: number): Promise<GenerationDiff> {
  const { documents, groups } = await diffDocuments(before, after, limit);
  const names = new Set(
    [...before.fields.values(), ...after.fields.values()].filter(isCompared).map(({ name }) => name),
  );
  const fields: FieldDiff[] = [];
  for (const field of [...names].sort()) fields.push(await diffTerms(before, after, field, limit));
  return {
    before: before.manifest.generation,
    after: after.manifest.generation,
    documents,
    groups: { touched: groups.size, listed: [...groups].sort().slice(0, limit) },
    fields,
  };
}

function isCompared({ name, type }: { readonly name: string; readonly type: Parameters<typeof hasTerms>[0] }): boolean {
  return hasTerms(type) && !name.startsWith('_');
}

async function diffDocuments(before: Snapshot, after: Snapshot, limit: number) {
  const counts = { added: 0, removed: 0, changed: 0 };
  const listed: DocumentChange[] = [];
  const groups = new Set<string>();
  for await (const [old, now] of changedDocuments(before, after)) {
    const change = old === undefined ? 'added' : now === undefined ? 'removed' : 'changed';
    counts[change]++;
    const [was, is] = await Promise.all([groupOf(before, old), groupOf(after, now)]);
    for (const group of [was, is]) if (group !== null) groups.add(group);
    if (listed.length >= limit) continue;
    const fields = change === 'changed' ? await changedFields(before, old!, after, now!) : {};
    listed.push({ id: utf8.decode((now ?? old)!.id), change, group: is ?? was, fields });
  }
  return { documents: { ...counts, listed }, groups };
}

/** Documents that are not the same in both, by the bytes of their ids: as they were, and as they are. */
export async function* changedDocuments(
  before: Snapshot,
  after: Snapshot,
): AsyncGenerator<readonly [LiveId | undefined, LiveId | undefined]> {
  for await (const [old, now] of pairs(liveIds(before), liveIds(after), (a, b) => compareBytes(a.id, b.id))) {
    if (old === undefined || now === undefined) yield [old, now];
    else if (!samePatches(old, now) || !(await isSameRow(before, old, after, now))) yield [old, now];
  }
}

/** Whether patches lay the same values over a document. */
function samePatches(a: LiveId, b: LiveId): boolean {
  const patchesOf = ({ segment, docId }: LiveId) =>
    [...segment.overlays]
      .filter(([, overlay]) => overlay.has(docId))
      .map(([name, overlay]) => [name, overlay.textOf(docId)]);
  return JSON.stringify(patchesOf(a).sort()) === JSON.stringify(patchesOf(b).sort());
}

/** Same bytes of the same segment, or the same row of the same partition, merged into another one. */
async function isSameRow(before: Snapshot, a: LiveId, after: Snapshot, b: LiveId): Promise<boolean> {
  if (a.segment.sha256 === b.segment.sha256) return a.docId === b.docId;
  const [from, to] = await Promise.all([a.segment.reader.sources(), b.segment.reader.sources()]);
  const [x, y] = [from.rowOf(a.docId), to.rowOf(b.docId)];
  if (x.partitionTime !== y.partitionTime || x.objectKey !== y.objectKey) return false;
  return x.rowGroup === y.rowGroup && x.row === y.row && (await sameValues(before, a, after, b));
}

/** An object rewritten under its name brings other rows under the same numbers: what can be read of them decides. */
async function sameValues(before: Snapshot, a: LiveId, after: Snapshot, b: LiveId): Promise<boolean> {
  const [x, y] = await Promise.all([shown(before, a), shown(after, b)]);
  return JSON.stringify(x) === JSON.stringify(y);
}

async function groupOf({ hasGroups }: Snapshot, found: LiveId | undefined): Promise<string | null> {
  if (!hasGroups || found === undefined) return null;
  return readGroup(found.segment, found.docId);
}

async function readGroup({ reader }: LiveSegment, docId: DocId): Promise<string | null> {
  const [ordinals, dictionary] = await Promise.all([reader.ordinals(GROUP_FIELD), reader.dictionary(GROUP_FIELD)]);
  const start = ordinals.start(docId);
  return start === ordinals.end(docId) ? null : utf8.decode(await dictionary.termAt(ordinals.at(start)));
}

async function changedFields(before: Snapshot, old: LiveId, after: Snapshot, now: LiveId) {
  const [was, is] = await Promise.all([shown(before, old), shown(after, now)]);
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])].sort();
  const differing = names.filter((name) => JSON.stringify(was[name]) !== JSON.stringify(is[name]));
  return Object.fromEntries(
    differing.map((name) => [name, { before: was[name] ?? null, after: is[name] ?? null }] as const),
  );
}

function shown(snapshot: Snapshot, { segment, docId }: LiveId): Promise<FieldValues> {
  const keywords = [...snapshot.fields.values()].filter(
    ({ name, type }) => type === 'keyword' && !name.startsWith('_'),
  );
  const names = new Set([...shownFields(snapshot), ...keywords.map(({ name }) => name)]);
  return readFields(snapshot, segment, docId, [...names]);
}

async function diffTerms(before: Snapshot, after: Snapshot, field: string, limit: number): Promise<FieldDiff> {
  const counts = { added: 0, removed: 0, changed: 0 };
  let moved: TermChange[] = [];
  for await (const [old, now] of pairs(termsOf(before, field), termsOf(after, field), compareTerms)) {
    const change = { term: (now ?? old)!.term, before: old?.docFreq ?? 0, after: now?.docFreq ?? 0 };
    if (change.before === change.after) continue;
    counts[old === undefined ? 'added' : now === undefined ? 'removed' : 'changed']++;
    moved.push(change);
    if (moved.length >= 2 * limit + 1000) moved = mostMoved(moved, limit);
  }
  return { field, ...counts, terms: mostMoved(moved, limit) };
}

/** The order they came in, which is that of their bytes, breaks ties. */
function mostMoved(changes: readonly TermChange[], limit: number): TermChange[] {
  const distance = ({ before, after }: TermChange) => Math.abs(after - before);
  return changes.toSorted((a, b) => distance(b) - distance(a)).slice(0, limit);
}

async function* termsOf(snapshot: Snapshot, field: string): AsyncGenerator<TermEntry> {
  if (snapshot.fields.has(field)) yield* terms(snapshot, field);
}

function compareTerms(a: TermEntry, b: TermEntry): number {
  return compareBytes(Buffer.from(a.term), Buffer.from(b.term));
}

/** Two ordered streams side by side: what only one has stands alone. */
async function* pairs<T>(
  left: AsyncGenerator<T>,
  right: AsyncGenerator<T>,
  compare: (a: T, b: T) => number,
): AsyncGenerator<readonly [T | undefined, T | undefined]> {
  let [a, b] = await Promise.all([left.next(), right.next()]);
  while (!a.done || !b.done) {
    const order = a.done ? 1 : b.done ? -1 : compare(a.value, b.value);
    yield [order <= 0 && !a.done ? a.value : undefined, order >= 0 && !b.done ? b.value : undefined];
    if (order <= 0) a = await left.next();
    if (order >= 0) b = await right.next();
  }
}
