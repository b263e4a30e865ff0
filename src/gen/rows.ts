/** Rows of package-like shape as columns: no JS string and no object per value. */
import type { BytesColumn, BytesListColumn, I64Column } from '../decode/columns.js';
import { BytesBuilder, ListBuilder, NumberBuilder } from './columns.js';
import type { GenOptions } from './options.js';
import { createRandom, normal, type Random } from './random.js';
import { addText, appendWord, drawWordCount, type TextSource } from './text.js';
import type { PartitionFate, World } from './world.js';
import type { RankSampler } from './zipf.js';

/** Columns of generated rows; a tombstone has its keys, time and `deleted` alone. */
export interface GeneratedRows {
  readonly rows: number;
  /** Id of the row. */
  readonly package: BytesColumn;
  /** Its group. */
  readonly scope: BytesColumn;
  /** A short text. */
  readonly name: BytesColumn;
  /** A long text. */
  readonly summary: BytesColumn;
  /** Further texts. */
  readonly moreTexts: readonly BytesColumn[];
  readonly keywords: BytesListColumn;
  readonly version: BytesColumn;
  readonly downloads: I64Column;
  /** ms since the epoch; the row's version. */
  readonly updated_at: I64Column;
  /** 0 or 1. */
  readonly deleted: I64Column;
}

/** What the texts of some rows come to. */
export interface TextCounts {
  /** UTF-8 bytes of `name`, `summary` and the further texts. */
  readonly textBytes: number;
  /** UTF-8 bytes of ids, groups, keywords and versions. */
  readonly keyBytes: number;
  readonly tokens: number;
  readonly tombstones: number;
}

export interface RowSource {
  readonly options: GenOptions;
  readonly world: World;
  readonly texts: TextSource;
  /** Ranks of keywords: a narrower choice than of words. */
  readonly keywords: RankSampler;
}

/** Rows [start, end) of one partition. */
export interface RowRange {
  readonly fate: PartitionFate;
  readonly start: number;
  readonly end: number;
  /** Of the partition, ms since the epoch. */
  readonly time: number;
  /** Tells the random numbers of these rows from all others. */
  readonly stream: number;
}

/** Keywords of one row, at most. */
const MAX_KEYWORDS = 6;
/** Ranks before this one are the language's small words, which are nobody's keywords. */
const FIRST_KEYWORD = 50;
/** Downloads are log-normal: half of all packages have fewer than the median, one in a thousand a million. */
const MEDIAN_DOWNLOADS = 400;
const DOWNLOADS_SPREAD = 2.5;

/** Makes some rows: a row group or record batch. */
export function makeRows(source: RowSource, { fate, start, end, time, stream }: RowRange): GeneratedRows & TextCounts {
  const { options, world, texts } = source;
  const random = createRandom(options.seed, stream);
  const rows = end - start;
  const out = openColumns(rows, options.moreTexts);
  const perDocument = [out.name, out.summary, ...out.moreTexts, out.keywords, out.version, out.downloads];
  let [tokens, tombstones] = [0, 0];
  for (let row = start; row < end; row++) {
    const { document, deleted } = fate.fateOf(row);
    out.package.add(world.idOf(document));
    out.scope.add(world.groupName(world.groupOf(document)));
    out.updated_at.add(time - 1 - random.below(options.everyMs));
    out.deleted.add(deleted ? 1 : 0);
    if (deleted) {
      tombstones++;
      for (const column of perDocument) column.addNull();
      continue;
    }
    tokens += addText(out.name, drawWordCount(random, options.name), random, texts);
    tokens += addText(out.summary, drawWordCount(random, options.summary), random, texts);
    for (const text of out.moreTexts) tokens += addText(text, drawWordCount(random, options.moreText), random, texts);
    addKeywords(out.keywords, random, source);
    out.version.add(drawVersion(random));
    out.downloads.add(Math.round(MEDIAN_DOWNLOADS * Math.exp(DOWNLOADS_SPREAD * normal(random))));
  }
  const sum = (columns: readonly BytesBuilder[]) => columns.reduce((bytes, { length }) => bytes + length, 0);
  const textBytes = sum([out.name, out.summary, ...out.moreTexts]);
  const keyBytes = sum([out.package, out.scope, out.keywords.values, out.version]);
  return { ...finishColumns(rows, out), textBytes, keyBytes, tokens, tombstones };
}

type Builders = ReturnType<typeof openColumns>;

function openColumns(rows: number, moreTexts: number) {
  return {
    package: new BytesBuilder(rows),
    scope: new BytesBuilder(rows),
    name: new BytesBuilder(rows),
    summary: new BytesBuilder(rows),
    moreTexts: Array.from({ length: moreTexts }, () => new BytesBuilder(rows)),
    keywords: new ListBuilder(rows, rows * MAX_KEYWORDS),
    version: new BytesBuilder(rows),
    downloads: new NumberBuilder(rows),
    updated_at: new NumberBuilder(rows),
    deleted: new NumberBuilder(rows),
  };
}

function finishColumns(rows: number, builders: Builders): GeneratedRows {
  return {
    rows,
    package: builders.package.finish(),
    scope: builders.scope.finish(),
    name: builders.name.finish(),
    summary: builders.summary.finish(),
    moreTexts: builders.moreTexts.map((text) => text.finish()),
    keywords: builders.keywords.finish(),
    version: builders.version.finish(),
    downloads: builders.downloads.finish(),
    updated_at: builders.updated_at.finish(),
    deleted: builders.deleted.finish(),
  };
}

function addKeywords(out: ListBuilder, random: Random, { keywords, texts }: RowSource): void {
  for (let left = random.below(MAX_KEYWORDS + 1); left > 0; left--) {
    const rank = FIRST_KEYWORD + keywords.at(random.next(), random.next());
    appendWord(out.values, texts.vocabulary, Math.min(rank, texts.vocabulary.words - 1));
    out.values.endRow();
  }
  out.endRow();
}

function drawVersion(random: Random): Uint8Array {
  return Buffer.from(`${random.below(12)}.${random.below(30)}.${random.below(20)}`);
}
