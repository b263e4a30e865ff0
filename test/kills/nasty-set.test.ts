/** The nasty set is what it says it is: every nastiness occurs, and the two rules of replacement read it differently. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tableFromIPC } from 'apache-arrow';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { takeCensus } from '../support/nasty-census.js';
import { encodeNastyObject, NASTY_COLUMNS } from '../support/nasty-files.js';
import { afterLate, nastySet, rowsOf } from '../support/nasty-set.js';
import { expectedOf, type InputRow } from '../support/oracle.js';

const SEED = 4;

test('every nastiness occurs in the set', () => {
  const census = takeCensus(nastySet({ seed: SEED }));
  const missing = Object.entries(census).filter(([, count]) => count === 0);
  assert.deepEqual(missing, []);
  assert(Object.keys(census).length >= 30, 'the census asks for all of them');
});

test('record and group come to different documents on it', () => {
  const rows = rowsOf(nastySet({ seed: SEED }).initial);
  const [record, group] = (['record', 'group'] as const).map((replace) => expectedOf(rows, { replace }));
  const placesOf = (live: ReadonlyMap<string, InputRow>) =>
    [...live.values()].map(({ id, objectKey, rowGroup, row }) => `${id} ${objectKey} ${rowGroup} ${row}`).sort();
  assert.notDeepEqual(placesOf(record!.live), placesOf(group!.live));
  for (const { live, killed, moved, rejected } of [record!, group!]) {
    assert(live.size >= 20 && killed > live.size && moved > 0 && rejected > 0);
  }
});

test('late objects change the answer, and so do versions', () => {
  const set = nastySet({ seed: SEED });
  for (const replace of ['record', 'group'] as const) {
    const before = expectedOf(rowsOf(set.initial), { replace });
    const after = expectedOf(rowsOf(afterLate(set)), { replace });
    assert.notDeepEqual(new Map(after.live), new Map(before.live), replace);
    const unversioned = expectedOf(rowsOf(set.initial), { replace, versioned: false });
    assert.notDeepEqual(new Map(unversioned.live), new Map(before.live), replace);
  }
});

test('its files hold the very rows, group by group', async () => {
  const set = nastySet({ seed: SEED });
  for (const object of [...set.initial, ...set.late]) {
    const bytes = encodeNastyObject(object);
    const isArrow = object.key.endsWith('.arrow');
    const read = isArrow ? readArrow(bytes) : await readParquet(bytes);
    assert.deepEqual(
      read.groupSizes,
      object.rowGroups.map(({ length }) => length),
      object.key,
    );
    assert.deepEqual(read.rows, object.rowGroups.flat().map(asPlain), object.key);
  }
});

/** What both readers make of a row. */
function asPlain(row: InputRow): Record<string, unknown> {
  const version = row.version === null ? null : Number(row.version);
  const own = { id: row.id, group: row.group, updated_at: version, deleted: row.deleted };
  return { ...own, ...Object.fromEntries(NASTY_COLUMNS.map((name) => [name, row.fields[name]])) };
}

async function readParquet(bytes: Uint8Array) {
  const file = bytes.buffer as ArrayBuffer;
  const rows = await parquetReadObjects({ file });
  return {
    groupSizes: parquetMetadata(file).row_groups.map(({ num_rows }) => Number(num_rows)),
    rows: rows.map((row) => ({
      ...row,
      updated_at: row.updated_at?.getTime() ?? null,
      keywords: row.keywords ?? null,
    })),
  };
}

function readArrow(bytes: Uint8Array) {
  const table = tableFromIPC(bytes);
  const plain = (value: unknown) =>
    typeof value === 'object' && value !== null ? [...(value as Iterable<unknown>)] : value;
  return {
    groupSizes: table.batches.map(({ numRows }) => numRows),
    rows: table.toArray().map((row) => Object.fromEntries([...row].map(([name, value]) => [name, plain(value)]))),
  };
}
