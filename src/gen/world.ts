/** The documents there are: a number for each, from which its id, its group and its fate in every partition follow. */
import type { GenOptions } from './options.js';
import { createRandom, hashUnit } from './random.js';
import { countSpellings, letterChoices, SPELLINGS, spellWord } from './spelling.js';
import { type RankSampler, zipfSampler } from './zipf.js';

export interface World {
  /** Group of a document: the same one for ever. */
  groupOf(document: number): number;
  groupName(group: number): Uint8Array;
  /** `<group>/<name>`, one document each. */
  idOf(document: number): Uint8Array;
}

/** Letters of the shortest name of groups and documents, and of longer ones where these run out. */
const NAME_LETTERS = [5, 6, 8, 10] as const;
/** Salts of hashes that must not follow each other. */
const [PLACE_SALT, COIN_SALT] = [0x51, 0xc3];

export function createWorld({ seed, groups, groupExponent }: GenOptions): World {
  const sampler: RankSampler = zipfSampler({ ranks: groups, exponent: groupExponent, shift: 5 });
  const salt = createRandom(seed, 3).next();
  const names = Array.from({ length: groups }, (_, group) => Buffer.concat([Buffer.from('@'), spellName(group, salt)]));
  const groupOf = (document: number) =>
    sampler.at(hashUnit(seed + PLACE_SALT, document), hashUnit(seed + COIN_SALT, document));
  return {
    groupOf,
    groupName: (group) => names[group]!,
    idOf: (document) => Buffer.concat([names[groupOf(document)]!, Buffer.from('/'), spellName(document, salt)]),
  };
}

/** A latin word for a number: another one for every number. */
function spellName(number: number, salt: number): Uint8Array {
  let serial = number;
  for (const letters of NAME_LETTERS) {
    const count = countSpellings(SPELLINGS.latin, letters);
    if (serial < count) return spellWord(SPELLINGS.latin, letterChoices(SPELLINGS.latin, letters, serial, salt));
    serial -= count;
  }
  throw new RangeError(`there is no name for number ${number}`);
}

/** What one row of a partition is about. */
export interface RowFate {
  readonly document: number;
  readonly deleted: boolean;
}

/** Rows of one partition: new documents are numbered on from `known`. */
export interface PartitionFate {
  readonly rows: number;
  /** Documents seen before, and after, this partition. */
  readonly known: number;
  readonly knownAfter: number;
  fateOf(row: number): RowFate;
}

/**
 * Decides a partition's rows: `updateRatio` of them come again, `tombstoneRatio` are deleted, the rest are new; spread evenly.
 * No document comes twice in a partition.
 */
export function partitionFate(options: GenOptions, partition: number, rows: number, known: number): PartitionFate {
  const random = createRandom(options.seed, 1_000 + partition);
  const again = Math.min(Math.round(rows * (options.updateRatio + options.tombstoneRatio)), known);
  const deletions = Math.min(Math.round(rows * options.tombstoneRatio), again);
  const first = random.below(Math.max(known, 1));
  const stride = strideOver(known, random.below(Math.max(known, 1)));
  /** How many of the first `row` rows are documents seen before. */
  const seen = (row: number) => Math.floor((row * again) / rows);
  return {
    rows,
    known,
    knownAfter: known + rows - again,
    fateOf: (row) => {
      const nth = seen(row);
      if (seen(row + 1) === nth) return { document: known + row - nth, deleted: false };
      const isDeletion = Math.floor(((nth + 1) * deletions) / again) > Math.floor((nth * deletions) / again);
      return { document: (first + nth * stride) % known, deleted: isDeletion };
    },
  };
}

/** A step near `wish` that meets every one of `count` before it meets one again. */
function strideOver(count: number, wish: number): number {
  for (let stride = Math.max(wish, 1); ; stride++) if (greatestDivisor(stride, Math.max(count, 1)) === 1) return stride;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
