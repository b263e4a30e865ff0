/** Two generations compared: documents, groups and terms against plain maps. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readManifest } from '#src/manifest/newest.js';
import { diffGenerations } from '#src/search/diff.js';
import { openSnapshot } from '#src/search/snapshot.js';
import { plainAnalyze } from '../support/reference-documents.js';
import { writeReferenceIndex } from '../support/reference-index.js';
import type { ReferenceDocument } from '../support/reference-segment.js';

const WORDS = ['red', 'green', 'blue'];

/** An id's document in both generations: absent, the same row, or another row with another title. */
const drawnId = fc.record({
  before: fc.boolean(),
  after: fc.constantFrom('none', 'same', 'other'),
  word: fc.nat(2),
  group: fc.nat(3),
  segment: fc.nat(1),
});

function documentOf(index: number, word: number, group: number, row: number): ReferenceDocument {
  const values = { title: `${WORDS[word % 3]} w${index}`, note: `n${row}`, size: BigInt(row) };
  return { id: `d${index}`, group: `g${group}`, version: BigInt(row), object: 0, rowGroup: 0, row, values };
}

type Drawn = { before: boolean; after: 'none' | 'same' | 'other'; word: number; group: number; segment: number };

function generationsOf(drawn: readonly Drawn[]) {
  const old = new Map<string, ReferenceDocument>();
  const now = new Map<string, ReferenceDocument>();
  drawn.forEach(({ before, after, word, group }, i) => {
    const first = documentOf(i, word, group, i);
    const second = documentOf(i, word + 1, group + 1, i + 100);
    if (before) old.set(first.id, first);
    if (after === 'same') now.set(first.id, first);
    if (after === 'other') now.set(second.id, second);
  });
  return { old, now };
}

function expectedChanges(old: Map<string, ReferenceDocument>, now: Map<string, ReferenceDocument>) {
  const ids = [...new Set([...old.keys(), ...now.keys()])].sort();
  return ids.flatMap((id) => {
    const [a, b] = [old.get(id), now.get(id)];
    if (a === b) return [];
    return [
      { id, change: a === undefined ? 'added' : b === undefined ? 'removed' : 'changed', group: (b ?? a)!.group },
    ];
  });
}

function docFreqs(documents: Map<string, ReferenceDocument>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { values } of documents.values())
    for (const term of new Set(plainAnalyze('standard', values.title as string)))
      counts.set(term, (counts.get(term) ?? 0) + 1);
  return counts;
}

test('a difference names what was added, removed and changed, with groups and terms', async () => {
  const property = fc.asyncProperty(fc.array(drawnId, { minLength: 1, maxLength: 20 }), async (drawn) => {
    const { old, now } = generationsOf(drawn);
    const split = (documents: Map<string, ReferenceDocument>, flip: number) =>
      [0, 1].map((at) =>
        [...documents.values()].filter(({ id }) => (drawn[Number(id.slice(1))]!.segment ^ flip) === at),
      );
    const store = await writeReferenceIndex(split(old, 0), () => false);
    await writeReferenceIndex(split(now, 1), () => false, store, 2);
    const [before, after] = await Promise.all(
      [1, 2].map(async (generation) => openSnapshot(store, await readManifest(store, generation))),
    );
    const diff = await diffGenerations(before!, after!, 1000);
    const expected = expectedChanges(old, now);
    assert.deepEqual(
      diff.documents.listed.map(({ id, change, group }) => ({ id, change, group })),
      expected,
    );
    for (const kind of ['added', 'removed', 'changed'] as const)
      assert.equal(diff.documents[kind], expected.filter(({ change }) => change === kind).length);
    const touched = expected.flatMap(({ id }) => [old.get(id)?.group, now.get(id)?.group]).filter((group) => group);
    assert.deepEqual(diff.groups.listed, [...new Set(touched)].sort());
    const changed = diff.documents.listed.find(({ change }) => change === 'changed');
    if (changed !== undefined) {
      const row = Number(changed.id.slice(1));
      assert.deepEqual(changed.fields.size, { before: row, after: row + 100 });
    }
    const [was, is] = [docFreqs(old), docFreqs(now)];
    const terms = [...new Set([...was.keys(), ...is.keys()])].filter((term) => was.get(term) !== is.get(term));
    const found = diff.fields.find(({ field }) => field === 'title')?.terms ?? [];
    assert.deepEqual(
      new Map(found.map(({ term, before, after }) => [term, [before, after]])),
      new Map(terms.map((term) => [term, [was.get(term) ?? 0, is.get(term) ?? 0]])),
    );
  });
  await fc.assert(property, { seed: 20260504, numRuns: 60 });
});

test('a list is cut at its limit, a count is not', async () => {
  const documents = Array.from({ length: 30 }, (_, i) => documentOf(i, i, i, i));
  const store = await writeReferenceIndex([documents.slice(0, 10)], () => false);
  await writeReferenceIndex([documents], () => false, store, 2);
  const [before, after] = await Promise.all(
    [1, 2].map(async (generation) => openSnapshot(store, await readManifest(store, generation))),
  );
  const diff = await diffGenerations(before!, after!, 3);
  assert.equal(diff.documents.added, 20);
  assert.equal(diff.documents.listed.length, 3);
  assert.deepEqual([diff.groups.touched, diff.groups.listed.length], [20, 3]);
  const title = diff.fields.find(({ field }) => field === 'title')!;
  assert.deepEqual([title.added, title.changed, title.terms.length], [20, 3, 3]);
});
