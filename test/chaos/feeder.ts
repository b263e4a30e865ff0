/** Lands partitions without pause, each of two objects that appear whole. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '#src/gen/random.js';
import { formatPartition } from '#src/partition/key.js';
import { compileTemplate } from '#src/partition/template.js';
import { encodeRows, type Row, timeOf, type World } from './world.js';

export const TEMPLATE = 'dt=%Y-%m-%d/hour=%H/minute=%M';
const template = compileTemplate(TEMPLATE);

function landObject(folder: string, name: string, rows: readonly Row[]): void {
  writeFileSync(join(folder, `.${name}`), encodeRows(rows));
  renameSync(join(folder, `.${name}`), join(folder, name));
}

/** Lands the world's next partition; its second object comes `betweenMs` after the first. */
export async function landPartition(source: string, world: World, betweenMs: number): Promise<void> {
  const rows = world.next();
  const folder = join(source, formatPartition(template, timeOf(world.partitions)));
  mkdirSync(folder, { recursive: true });
  landObject(folder, 'a.parquet', rows.slice(0, rows.length >> 1));
  await new Promise((resolve) => setTimeout(resolve, betweenMs));
  landObject(folder, 'b.parquet', rows.slice(rows.length >> 1));
}

/** Lands partitions until told to stop, at most one that the index has not got to yet for each of `ahead`. */
export async function feed(
  source: string,
  world: World,
  random: Random,
  mayLand: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    if (mayLand()) await landPartition(source, world, random.below(30));
    await new Promise((resolve) => setTimeout(resolve, 60 + random.below(240)));
  }
}
