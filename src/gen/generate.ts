/** `gen`: seeded, realistic partitions, written to a store. */
import { TidemarkError } from '../base/errors.js';
import type { Store } from '../store/store.js';
import { checkGenOptions, type GenOptions } from './options.js';
import { type GeneratedRows, makeRows, type RowSource, type TextCounts } from './rows.js';
import { countTerms, makeVocabulary } from './vocabulary.js';
import { createWorld, type PartitionFate, partitionFate } from './world.js';
import { encodeArrow } from './write-arrow.js';
import { encodeParquet } from './write-parquet.js';
import { zipfSampler } from './zipf.js';

export interface GeneratedObject {
  readonly key: string;
  /** Of the file. */
  readonly bytes: number;
  readonly rows: number;
}

/** What was written, counted while it was made. */
export interface GenReport {
  readonly objects: readonly GeneratedObject[];
  readonly partitions: number;
  readonly rows: number;
  readonly tombstones: number;
  /** Distinct documents, deleted ones included. */
  readonly ids: number;
  /** UTF-8 bytes of `name`, `summary` and the further texts over all rows. */
  readonly textBytes: number;
  /** UTF-8 bytes of ids, groups, keywords and versions over all rows. */
  readonly keyBytes: number;
  /** Tokens of all texts over all rows, by the `standard` analyzer. */
  readonly tokens: number;
  /** Distinct tokens over all texts. */
  readonly terms: number;
  /** Size of all files. */
  readonly bytes: number;
}

export interface GenerateTarget {
  readonly store: Store;
  /** Folder of a partition by its time, ending in `/`: the source's template, spelled out. */
  readonly folderOf: (timeMs: number) => string;
  /** Told after each file. */
  readonly onObject?: (object: GeneratedObject) => void;
  readonly signal?: AbortSignal;
}

/** Text of a file, at most: its writer holds it three times over, within 4 GiB. */
const MAX_OBJECT_TEXT_BYTES = 768 * 2 ** 20;

/**
 * Writes the partitions that the options ask for. The same options give the same bytes. Memory follows the largest file.
 * Fails with code `usage` on options that cannot work, before anything is written or when one file grows too large.
 */
export async function generate(options: GenOptions, target: GenerateTarget): Promise<GenReport> {
  checkGenOptions(options);
  const source = openSource(options);
  const objects: GeneratedObject[] = [];
  const counts = { textBytes: 0, keyBytes: 0, tokens: 0, tombstones: 0 };
  let known = 0;
  for (let partition = 0; partition < options.partitions; partition++) {
    const time = options.startMs + partition * options.everyMs;
    const fate = partitionFate(options, partition, partitionRows(options, partition), known);
    known = fate.knownAfter;
    for (let index = 0; index < options.objects; index++) {
      target.signal?.throwIfAborted();
      const groups = makeObject(source, fate, { partition, index, time });
      addCounts(counts, groups);
      const key = `${target.folderOf(time)}part-${String(index).padStart(5, '0')}.${options.format}`;
      const bytes = encode(groups, options);
      await target.store.put(key, bytes, target.signal);
      const object = { key, bytes: bytes.length, rows: groups.reduce((sum, { rows }) => sum + rows, 0) };
      objects.push(object);
      target.onObject?.(object);
    }
  }
  return {
    objects,
    partitions: options.partitions,
    rows: objects.reduce((sum, { rows }) => sum + rows, 0),
    ids: known,
    ...counts,
    terms: countTerms(source.texts.vocabulary, source.texts.used),
    bytes: objects.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

function openSource(options: GenOptions): RowSource {
  const { vocabulary: words, exponent, shift, scripts, seed, keywordRanks, keywordExponent } = options;
  return {
    options,
    world: createWorld(options),
    texts: {
      vocabulary: makeVocabulary({ words, scripts, seed }),
      sampler: zipfSampler({ ranks: words, exponent, shift }),
      used: new Uint8Array(words),
    },
    keywords: zipfSampler({ ranks: Math.min(keywordRanks, words), exponent: keywordExponent, shift }),
  };
}

/** An even share of the rows; those that are left over go to the first partitions. */
function partitionRows({ docs, firstDocs, partitions }: GenOptions, partition: number): number {
  if (firstDocs === undefined || partitions === 1) return share(docs, partitions, partition);
  return partition === 0 ? firstDocs : share(docs - firstDocs, partitions - 1, partition - 1);
}

function share(total: number, parts: number, index: number): number {
  return Math.floor((total * (index + 1)) / parts) - Math.floor((total * index) / parts);
}

interface ObjectPlace {
  readonly partition: number;
  readonly index: number;
  readonly time: number;
}

/** The rows of one file by row group. */
function makeObject(source: RowSource, fate: PartitionFate, { partition, index, time }: ObjectPlace) {
  const { objects, groupRows } = source.options;
  const first = Math.floor((fate.rows * index) / objects);
  const end = first + share(fate.rows, objects, index);
  const groups: (GeneratedRows & TextCounts)[] = [];
  let textBytes = 0;
  for (let start = first; start < end; start += groupRows) {
    // Streams: the low numbers are taken by the vocabulary and the partitions.
    const stream = 2 ** 20 + Math.imul(partition, 0x10001) + start;
    const rows = makeRows(source, { fate, start, end: Math.min(start + groupRows, end), time, stream });
    textBytes += rows.textBytes;
    if (textBytes > MAX_OBJECT_TEXT_BYTES) throw tooLarge(fate.rows / objects);
    groups.push(rows);
  }
  return groups;
}

function tooLarge(rows: number): TidemarkError {
  const message = `a file of ${Math.round(rows)} rows would hold more than ${MAX_OBJECT_TEXT_BYTES / 2 ** 20} MiB of text`;
  return new TidemarkError('usage', message, { fix: 'ask for more files a partition, or for more partitions' });
}

function encode(groups: readonly GeneratedRows[], { format, groupRows, codec }: GenOptions): Uint8Array {
  return format === 'arrow' ? encodeArrow(groups, 'file') : encodeParquet(groups, groupRows, codec);
}

function addCounts(counts: { -readonly [name in keyof TextCounts]: number }, groups: readonly TextCounts[]) {
  for (const group of groups) {
    counts.textBytes += group.textBytes;
    counts.keyBytes += group.keyBytes;
    counts.tokens += group.tokens;
    counts.tombstones += group.tombstones;
  }
}
