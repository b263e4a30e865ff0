/** The oracle itself, against a story small enough to work out by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { docFreqs, expectedOf, type InputRow, sumOf, totalTermFreq } from '../support/oracle.js';

type Told = Partial<Pick<InputRow, 'id' | 'group' | 'version' | 'deleted' | 'fields'>>;

function told(partitionTime: number, row: number, { id = null, group = null, version = 1n, ...rest }: Told): InputRow {
  return { partitionTime, objectKey: 'o', rowGroup: 0, row, id, group, version, deleted: false, fields: {}, ...rest };
}

/**
 * Monday: shop A sells tea and cake, B sells salt. Tuesday: A is delivered with tea alone, in an older version; B takes
 * over the cake. Wednesday: C is delivered by the deletion of salt, which it never had; B is deleted as a whole.
 */
const STORY: readonly InputRow[] = [
  told(1, 0, { id: 'tea', group: 'A', version: 5n, fields: { text: 'green tea', price: 3n } }),
  told(1, 1, { id: 'cake', group: 'A', fields: { text: 'cake', price: 4n } }),
  told(1, 2, { id: 'salt', group: 'B', fields: { text: ['sea', null, 'salt sea'], price: null } }),
  told(2, 0, { id: 'tea', group: 'A', version: 2n, fields: { text: 'black tea', price: 9n } }),
  told(2, 1, { id: 'cake', group: 'B', version: null, fields: { text: 'stale cake', price: 1n } }),
  told(3, 0, { id: 'salt', group: 'C', version: 8n, deleted: true }),
  told(3, 1, { group: 'B', deleted: true }),
  told(3, 2, { group: 'A', fields: { text: 'nameless' } }),
];

const textsOf = (rows: Iterable<InputRow>) => [...rows].map(({ fields }) => fields.text).sort();
const words = (text: string) => text.split(' ');

test('record: the highest version of each id', () => {
  const { live, ...counts } = expectedOf(STORY, { replace: 'record' });
  assert.deepEqual(textsOf(live.values()), ['cake', 'green tea']);
  // The stale cake of B lost to A's; the deletion of B and the nameless row have no id.
  assert.deepEqual(counts, { docs: 5, killed: 3, moved: 1, rejected: 2 });
});

test('record without versions: the last delivered row of each id', () => {
  const { live, ...counts } = expectedOf(STORY, { replace: 'record', versioned: false });
  assert.deepEqual(textsOf(live.values()), ['black tea', 'stale cake']);
  assert.deepEqual(counts, { docs: 5, killed: 3, moved: 1, rejected: 2 });
});

test('group: the last delivery of each group, whole', () => {
  const untilTuesday = expectedOf(
    STORY.filter(({ partitionTime }) => partitionTime < 3),
    { replace: 'group' },
  );
  // B was delivered without salt, and has the cake now.
  assert.deepEqual(textsOf(untilTuesday.live.values()), ['black tea', 'stale cake']);
  const { live, ...counts } = expectedOf(STORY, { replace: 'group' });
  assert.deepEqual(textsOf(live.values()), ['black tea']);
  assert.deepEqual(counts, { docs: 5, killed: 4, moved: 1, rejected: 1 });
});

test('terms and sums count live rows, lists value by value', () => {
  const monday = STORY.filter(({ partitionTime }) => partitionTime === 1);
  const expected = { green: 1, tea: 1, cake: 1, sea: 1, salt: 1 };
  assert.deepEqual(Object.fromEntries(docFreqs(monday, 'text', words)), expected);
  assert.equal(totalTermFreq(monday, 'text', words), 6);
  assert.equal(sumOf(monday, 'price'), 7n);
});
