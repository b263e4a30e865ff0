/**
 * The unfriendly data set: partitions that tell a wrong supersede rule from a right one. Seeded, as plain rows; `nasty-files.ts`
 * writes them out, `nasty-census.ts` counts that each nastiness is really there.
 */
import { createRandom, type Random } from '#src/gen/random.js';
import type { InputRow, InputValue } from './oracle.js';

/** One input file: rows by row group (Parquet) or record batch (Arrow). */
export interface NastyObject {
  readonly partitionTime: number;
  /** Relative to the source. */
  readonly key: string;
  readonly rowGroups: readonly (readonly InputRow[])[];
}

/** The source twice: as it stands at first, and what arrives late, in partitions that were read by then. */
export interface NastySet {
  readonly initial: readonly NastyObject[];
  /** Objects that are new, or rewritten under a key of `initial`. */
  readonly late: readonly NastyObject[];
}

export interface NastyOptions {
  readonly seed: number;
  readonly partitions?: number;
  readonly ids?: number;
  readonly groups?: number;
}

/** Five minutes: the slot of `NASTY_TEMPLATE`. */
export const NASTY_SLOT_MS = 300_000;
export const NASTY_START = Date.UTC(2026, 4, 4, 23, 30);
export const NASTY_TEMPLATE = 'dt=%Y-%m-%d/hour=%H/minute=%M';

/** Object names whose order by UTF-16 units, by bytes and by locale are three different ones. */
const OBJECT_NAMES = ['part-10', 'part-9', 'part-Ä', 'part-\uff5e', 'part-😀'];
const WORDS = ['node', 'Don’t', "don't", 'naïve', '日本語', '🚀', '2.0', 'a', 'Straße', 'x1', '-', 'ПРИВЕТ'];
const TAGS = ['cli', 'CLI', 'a b', '', 'é', 'babel', '日'];
/** Few enough that equal versions, and versions that run backwards, are common. */
const VERSIONS = 12;

/** Makes the set; the same options give the same rows. */
export function nastySet({ seed, partitions = 16, ids = 110, groups = 24 }: NastyOptions): NastySet {
  const random = createRandom(seed);
  const world: World = { random, ids, groups, homes: new Map() };
  const times = Array.from({ length: partitions }, (_, i) => NASTY_START + i * NASTY_SLOT_MS);
  const initial = times.flatMap((time) => dealObjects(random, time, drawRows(world, time)));
  return { initial, late: lateObjects(world, initial, times) };
}

/** The source after `late` has arrived. */
export function afterLate({ initial, late }: NastySet): NastyObject[] {
  const rewritten = new Set(late.map(({ key }) => key));
  return [...initial.filter(({ key }) => !rewritten.has(key)), ...late];
}

/** All rows of some objects. */
export function rowsOf(objects: readonly NastyObject[]): InputRow[] {
  return objects.flatMap(({ rowGroups }) => rowGroups.flat());
}

/** `dt=2026-05-04/hour=23/minute=30/` */
export function nastyFolder(time: number): string {
  const [day, clock] = new Date(time).toISOString().split('T') as [string, string];
  return `dt=${day}/hour=${clock.slice(0, 2)}/minute=${clock.slice(3, 5)}/`;
}

interface World {
  readonly random: Random;
  readonly ids: number;
  readonly groups: number;
  /** Group that an id was last seen in: most rows stay at home, some move, some go back. */
  readonly homes: Map<number, number>;
}

/** A row that has no place in a file yet. */
type DraftRow = Pick<InputRow, 'id' | 'group' | 'version' | 'deleted' | 'fields'>;

/** Rows of one partition: some groups, each with some of its members, by tombstones alone, or as a whole deleted. */
function drawRows(world: World, time: number): DraftRow[] {
  const { random, groups } = world;
  const rows: DraftRow[] = [];
  for (let group = 0; group < groups; group++) {
    // Some groups come every few minutes, some once in the whole set.
    if (!random.chance(0.08 + (0.4 * group) / groups)) continue;
    if (random.chance(0.08)) rows.push(drawRow(world, time, null, group, true));
    if (random.chance(0.06)) continue;
    const isDeletion = random.chance(0.12);
    for (let i = 1 + random.below(5); i > 0; i--) {
      const id = drawMember(world, group);
      rows.push(drawRow(world, time, id, group, isDeletion || random.chance(0.15)));
      // The same id again, with a version of its own: before or after, here or in another group.
      if (random.chance(0.25)) rows.push(drawRow(world, time, id, group, random.chance(0.3)));
      if (random.chance(0.08)) rows.push(drawRow(world, time, id, random.below(groups), random.chance(0.2)));
    }
  }
  if (random.chance(0.4)) rows.push(drawRow(world, time, null, random.below(groups), false));
  if (random.chance(0.3)) rows.push(drawRow(world, time, random.below(world.ids), null, false));
  return rows.length === 0 ? drawRows(world, time) : shuffled(random, rows);
}

/** An id for a row of a group: mostly one that lives there. */
function drawMember({ random, ids, homes }: World, group: number): number {
  const family = [...homes].filter(([, home]) => home === group).map(([id]) => id);
  const id = family.length > 2 && random.chance(0.8) ? family[random.below(family.length)]! : random.below(ids);
  homes.set(id, group);
  return id;
}

function drawRow(world: World, time: number, id: number | null, group: number | null, deleted: boolean): DraftRow {
  const { random } = world;
  const version = random.chance(0.12) ? null : BigInt(NASTY_START + random.below(VERSIONS) * 1_000);
  const orNull = (value: InputValue): InputValue => (random.chance(0.15) ? null : value);
  return {
    id: id === null ? null : `id-${id}`,
    group: group === null ? null : `@group/${group}`,
    version,
    deleted,
    fields: {
      name: orNull(drawWords(random, 3)),
      // Names the partition, so that an answer tells which delivery a document comes from.
      summary: orNull(`${drawWords(random, 12)} p${Math.round((time - NASTY_START) / NASTY_SLOT_MS)}`),
      keywords: orNull(drawTags(random)),
      label: orNull(TAGS[random.below(TAGS.length)]!),
      downloads: orNull(BigInt(random.below(2 ** 31)) * (random.chance(0.2) ? -1_000_003n : 1n)),
      score: orNull(random.below(1_000) / 8 - 50),
    },
  };
}

function drawWords(random: Random, most: number): string {
  return Array.from({ length: random.below(most + 1) }, () => WORDS[random.below(WORDS.length)]!).join(' ');
}

function drawTags(random: Random): readonly (string | null)[] {
  return Array.from({ length: random.below(4) }, () => (random.chance(0.1) ? null : TAGS[random.below(TAGS.length)]!));
}

/** Deals a partition's rows to one to four objects of one to three row groups. */
function dealObjects(random: Random, time: number, rows: readonly DraftRow[]): NastyObject[] {
  const names = shuffled(random, OBJECT_NAMES).slice(0, Math.min(1 + random.below(4), rows.length));
  const hands = names.map((): DraftRow[] => []);
  rows.forEach((row, i) => {
    // Each object gets one row for certain: an empty file is a nastiness of the decoder's tests.
    hands[i < names.length ? i : random.below(names.length)]!.push(row);
  });
  return names.map((name, i) => placeObject(random, time, name, hands[i]!));
}

function placeObject(random: Random, time: number, name: string, rows: readonly DraftRow[]): NastyObject {
  const key = `${nastyFolder(time)}${name}${random.chance(0.2) ? '.arrow' : '.parquet'}`;
  const groupRows = Math.ceil(rows.length / (1 + random.below(Math.min(3, rows.length))));
  const rowGroups: InputRow[][] = [];
  rows.forEach((row, i) => {
    const rowGroup = Math.floor(i / groupRows);
    rowGroups[rowGroup] ??= [];
    rowGroups[rowGroup].push({ ...row, partitionTime: time, objectKey: key, rowGroup, row: i % groupRows });
  });
  return { partitionTime: time, key, rowGroups };
}

/**
 * A new object in one partition, and another partition's first object with other rows in it: recent ones, for much of what
 * came before is replaced by now, but not the newest.
 */
function lateObjects(world: World, initial: readonly NastyObject[], times: readonly number[]): NastyObject[] {
  const { random } = world;
  const [added, changed] = shuffled(random, times.slice(-5, -1)) as [number, number];
  const victim = initial.find(({ partitionTime }) => partitionTime === changed)!;
  const name = victim.key.slice(nastyFolder(changed).length).replace(/\.(parquet|arrow)$/, '');
  let rewritten = placeObject(random, changed, name, drawRows(world, changed));
  while (rewritten.key !== victim.key) rewritten = placeObject(random, changed, name, drawRows(world, changed));
  return [placeObject(random, added, 'part-late', drawRows(world, added)), rewritten];
}

function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}
