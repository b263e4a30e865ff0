/** What `gen` can be asked for, and what it does unless told. */
import { TidemarkError } from '../base/errors.js';
import type { Scripts } from './vocabulary.js';

export type GenFormat = 'parquet' | 'arrow';
export const GEN_CODECS = ['none', 'snappy', 'gzip', 'brotli', 'zstd', 'lz4_raw'] as const;
export type GenCodec = (typeof GEN_CODECS)[number];

/** Words of a text: log-normal, as lengths of texts are. */
export interface WordCounts {
  readonly mean: number;
  /** Deviation of the logarithm: 0 = all alike, 1 = a tenth of the texts is 3.6 times the median or longer. */
  readonly spread: number;
}

/** All that decides the bytes; the same options give the same bytes. */
export interface GenOptions {
  readonly seed: number;
  /** Rows over all partitions, updates and tombstones included. */
  readonly docs: number;
  /** Rows of the first partition, for a base with small deltas behind it; an even share unless told. */
  readonly firstDocs: number | undefined;
  readonly partitions: number;
  /** Time of the first partition, ms since the epoch. */
  readonly startMs: number;
  /** From one partition to the next. */
  readonly everyMs: number;
  /** Files a partition. */
  readonly objects: number;
  /** Rows a row group or record batch. */
  readonly groupRows: number;
  readonly format: GenFormat;
  /** Parquet only. */
  readonly codec: GenCodec;
  readonly scripts: Scripts;
  /** Words there are; how many occur follows from the length of the text. */
  readonly vocabulary: number;
  readonly exponent: number;
  readonly shift: number;
  readonly name: WordCounts;
  readonly summary: WordCounts;
  /** Further text columns `text_00`, `text_01` .., each a text of its own. */
  readonly moreTexts: number;
  readonly moreText: WordCounts;
  /** Words that keywords come from; the rarest are as frequent as `keywordExponent` says: 0 = all alike. */
  readonly keywordRanks: number;
  readonly keywordExponent: number;
  /** Groups there are. */
  readonly groups: number;
  /** Zipf exponent of group sizes: 0 = all alike. */
  readonly groupExponent: number;
  /** Share of a later partition's rows that are documents seen before. */
  readonly updateRatio: number;
  /** Share of a later partition's rows that delete one. */
  readonly tombstoneRatio: number;
}

export const GEN_DEFAULTS: GenOptions = {
  seed: 1,
  docs: 10_000,
  firstDocs: undefined,
  partitions: 1,
  startMs: Date.UTC(2026, 0, 1),
  everyMs: 300_000,
  objects: 1,
  groupRows: 20_000,
  format: 'parquet',
  codec: 'snappy',
  scripts: 'ascii',
  vocabulary: 500_000,
  exponent: 1.143,
  shift: 2.7,
  name: { mean: 5, spread: 0.4 },
  summary: { mean: 41.5, spread: 0.7 },
  moreTexts: 0,
  moreText: { mean: 5, spread: 0.4 },
  keywordRanks: 4_000,
  keywordExponent: 1,
  groups: 5_000,
  groupExponent: 0.8,
  updateRatio: 0.6,
  tombstoneRatio: 0.04,
};

/** Products of two row numbers stay exact. */
const MAX_DOCS = 2 ** 26;
/** Tables of 300 MB. */
const MAX_VOCABULARY = 2 ** 24;
/** A long book; an RFC has some 10,000. */
const MAX_MEAN_WORDS = 50_000;
/** What their numbers have digits for. */
const MAX_MORE_TEXTS = 100;
/** Beyond it nearly every text is one word or the longest there is. */
const MAX_SPREAD = 3;

/**
 * Named sets of options. `bench` is the partition that every speed figure speaks of: 200,000 documents, 62.9 MB of text,
 * 9.3 M tokens, 0.37 M distinct terms, ten row groups of 20,000 in snappy Parquet.
 */
export const GEN_PRESETS: Readonly<Record<'bench', GenOptions>> = {
  bench: { ...GEN_DEFAULTS, docs: 200_000, groupRows: 20_000, objects: 1 },
};

/** Checks what types cannot; fails with code `usage`, naming the option and what would be right. */
export function checkGenOptions(options: GenOptions): void {
  const wholes = [
    'docs',
    'partitions',
    'objects',
    'groupRows',
    'vocabulary',
    'groups',
    'everyMs',
    'keywordRanks',
  ] as const;
  for (const name of wholes) {
    expect(name, options[name], Number.isSafeInteger(options[name]) && options[name] > 0, 'a whole number above 0');
  }
  for (const name of ['seed', 'startMs'] as const) {
    expect(name, options[name], Number.isSafeInteger(options[name]) && options[name] >= 0, 'a whole number from 0 on');
  }
  for (const name of ['exponent', 'shift', 'groupExponent', 'keywordExponent'] as const) {
    expect(name, options[name], options[name] >= 0 && options[name] < Number.POSITIVE_INFINITY, 'a number from 0 on');
  }
  for (const name of ['name', 'summary', 'moreText'] as const) {
    const { mean, spread } = options[name];
    expect(`${name}.mean`, mean, mean >= 1 && mean <= MAX_MEAN_WORDS, `1 to ${MAX_MEAN_WORDS} words`);
    expect(`${name}.spread`, spread, spread >= 0 && spread <= MAX_SPREAD, `0 to ${MAX_SPREAD}`);
  }
  for (const name of ['updateRatio', 'tombstoneRatio'] as const) {
    expect(name, options[name], options[name] >= 0 && options[name] <= 1, 'a share from 0 to 1');
  }
  const { docs, firstDocs, partitions, objects, vocabulary, updateRatio, tombstoneRatio } = options;
  expect('tombstoneRatio', tombstoneRatio, updateRatio + tombstoneRatio <= 1, 'at most 1 together with updateRatio');
  const { moreTexts } = options;
  const fewEnough = Number.isSafeInteger(moreTexts) && moreTexts >= 0 && moreTexts <= MAX_MORE_TEXTS;
  expect('moreTexts', moreTexts, fewEnough, `a whole number from 0 to ${MAX_MORE_TEXTS}`);
  expect('docs', docs, docs <= MAX_DOCS, `at most ${MAX_DOCS}`);
  expect('vocabulary', vocabulary, vocabulary <= MAX_VOCABULARY, `at most ${MAX_VOCABULARY} words`);
  expect('docs', docs, docs >= partitions * objects, 'at least one row a file');
  if (firstDocs === undefined) return;
  const others = docs - firstDocs;
  const fits = Number.isSafeInteger(firstDocs) && firstDocs >= objects && others >= (partitions - 1) * objects;
  expect(
    'firstDocs',
    firstDocs,
    fits && (partitions > 1 || others === 0),
    'rows for every file, and no more than docs',
  );
}

function expect(name: string, value: number, holds: boolean, right: string): void {
  if (!holds) throw new TidemarkError('usage', `${name} is ${value}`, { fix: `give ${right}` });
}
