/** Source objects of a few rows, encoded once per process: what a history lands, rewrites and takes away. */
import { Bool, Field, Int64, Schema, Table, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow';
import { seededRandom } from './random.js';

/** One row as its object has it. */
export interface SimRow {
  readonly id: string | null;
  readonly group: string | null;
  readonly version: bigint | null;
  readonly deleted: boolean;
  readonly body: string;
  /** Tells rows apart, over all objects. */
  readonly stamp: number;
}

export interface SimObject {
  readonly bytes: Uint8Array;
  readonly rows: readonly SimRow[];
}

/** How many different objects there are: few enough to be encoded once, many enough that a history rarely meets one twice. */
export const OBJECTS = 300;
export const WORDS = ['amber', 'birch', 'cedar', 'delta', 'ember'] as const;
const IDS = 9;
const GROUPS = 4;
const MAX_ROWS = 4;

const SCHEMA = new Schema([
  new Field('id', new Utf8(), true),
  new Field('grp', new Utf8(), true),
  new Field('ver', new Int64(), true),
  new Field('del', new Bool(), true),
  new Field('body', new Utf8(), true),
  new Field('stamp', new Int64(), true),
]);

const made = new Map<number, SimObject>();

/** The object of a number in [0, OBJECTS). */
export function simObject(number: number): SimObject {
  const known = made.get(number);
  if (known !== undefined) return known;
  const random = seededRandom(number + 1);
  const rows = Array.from({ length: 1 + random.int(MAX_ROWS) }, (_, i): SimRow => {
    const id = random.int(IDS);
    const deleted = random.chance(0.2);
    return {
      id: random.chance(0.06) ? null : `id${id}`,
      // Mostly an id keeps to its group; sometimes it moves.
      group: `g${random.chance(0.15) ? random.int(GROUPS) : id % GROUPS}`,
      version: random.chance(0.1) ? null : BigInt(1 + random.int(12)),
      deleted,
      body: `${random.pick(WORDS)} ${random.pick(WORDS)} s${number}`,
      stamp: number * 16 + i,
    };
  });
  const object = { rows, bytes: encode(rows) };
  made.set(number, object);
  return object;
}

function encode(rows: readonly SimRow[]): Uint8Array {
  const columns = {
    id: vectorFromArray(
      rows.map(({ id }) => id),
      new Utf8(),
    ),
    grp: vectorFromArray(
      rows.map(({ group }) => group),
      new Utf8(),
    ),
    ver: vectorFromArray(
      rows.map(({ version }) => version),
      new Int64(),
    ),
    del: vectorFromArray(
      rows.map(({ deleted }) => deleted),
      new Bool(),
    ),
    body: vectorFromArray(
      rows.map(({ body }) => body),
      new Utf8(),
    ),
    stamp: vectorFromArray(
      rows.map(({ stamp }) => BigInt(stamp)),
      new Int64(),
    ),
  };
  return tableToIPC(new Table(SCHEMA, columns), 'file');
}
