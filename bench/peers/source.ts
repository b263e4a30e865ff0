/** Where a folder of Parquet files lies in a tree of partitions. */
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { parsePartition } from '#src/partition/key.js';
import { TEMPLATE } from '../harness/corpus.js';

export interface PartitionSource {
  /** Folder that the partitions lie under. */
  readonly uri: string;
  /** The one partition that is meant, ms since the epoch; undefined = all of them. */
  readonly time: number | undefined;
}

/** Levels of folders in `dt=../hour=../minute=..`. */
const LEVELS = 3;

/** Tells a tree of partitions from the folder of one of them, which is what the other programs are given. */
export function sourceOf(folder: string): PartitionSource {
  const path = resolve(folder);
  if (!readdirSync(path).some((name) => name.endsWith('.parquet'))) return { uri: path, time: undefined };
  const names = path.split('/');
  const key = `${names.slice(-LEVELS).join('/')}/`;
  const parsed = parsePartition(TEMPLATE, key);
  if (!parsed.ok) throw new Error(`${folder} holds Parquet files but is no partition: ${parsed.reason}`);
  return { uri: names.slice(0, -LEVELS).join('/'), time: parsed.time };
}
