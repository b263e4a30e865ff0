/** Rows of an id in what the source has and the generation does not: partitions not read yet, and objects that came or changed since. */

import { TidemarkError } from '../base/errors.js';
import { readPartRecord } from '../coordinator/part-record.js';
import { openInput } from '../decode/input.js';
import type { InputFile } from '../decode/input-file.js';
import { partKey } from '../manifest/names.js';
import type { PartitionRef } from '../partition/folder.js';
import { listPartitions } from '../partition/listing.js';
import { type AssessedPartition, assessPartitions } from '../partition/ready.js';
import { objectSource } from '../store/byte-source.js';
import type { ObjectInfo } from '../store/store.js';
import type { Step } from './explanation.js';
import type { Explained, ExplainSource } from './open.js';
import { placeOf, timeOf } from './rows.js';

/** Partitions whose ids are read, newest first: each costs its id column. */
const MAX_PARTITIONS = 32;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** What lies behind the base, as the rule of readiness sees it now; empty without a source. */
export async function assessSource({
  source,
  manifest,
  clock,
  signal,
}: Explained): Promise<readonly AssessedPartition[]> {
  if (source === undefined) return [];
  const { store, settings } = source;
  const listing = await listPartitions(store, {
    template: settings.partition,
    from: manifest.base?.watermark ?? manifest.coverage.from,
    to: clock.now() + settings.ready.maxFutureSkewMs,
    marker: settings.ready.marker,
    signal,
  });
  return assessPartitions(listing, settings.ready);
}

/** Objects of a partition that the generation did not read as they are now. */
export async function unreadObjects(
  { index, manifest }: Explained,
  partition: PartitionRef,
): Promise<readonly ObjectInfo[]> {
  const covered = manifest.coverage.partitions.find(({ time }) => time === partition.time);
  if (covered === undefined) return partition.objects;
  const record = await readPartRecord(index, partKey(covered.part));
  const pinned = new Set(record?.objects.map(({ key, etag }) => `${etag} ${key}`));
  return partition.objects.filter(({ key, etag }) => !pinned.has(`${etag} ${key}`));
}

export async function rowsInSource(opened: Explained, id: string): Promise<Step[]> {
  const { source } = opened;
  if (source === undefined) return [];
  const steps: Step[] = [];
  let scanned = 0;
  for (const assessed of await assessSource(opened)) {
    const { partition } = assessed;
    const objects = await unreadObjects(opened, partition);
    if (objects.length === 0) continue;
    if (scanned++ === MAX_PARTITIONS) {
      steps.push({ step: 'source', detail: `partitions before ${timeOf(partition.time)} were not looked into` });
      break;
    }
    for (const object of objects) {
      for (const { rowGroup, row } of await findRows(opened, source, object, id)) {
        const place = placeOf({
          version: undefined,
          partitionTime: partition.time,
          objectKey: object.key,
          rowGroup,
          row,
        });
        steps.push({
          step: 'not read',
          detail: `${place} of partition ${timeOf(partition.time)}: ${whyNotRead(opened, assessed)}`,
        });
      }
    }
  }
  return steps;
}

/** Why a partition, or an object of it, is not in the generation. */
export function whyNotRead({ manifest }: Explained, { partition, readiness }: AssessedPartition): string {
  const { time } = partition;
  const { partitions, skipped } = manifest.coverage;
  if (partitions.some((covered) => covered.time === time)) {
    return 'late: it came or changed after the partition was read, and the next run reads it again';
  }
  if (manifest.held.some(({ from, to }) => (from === undefined || time > from) && time <= to)) {
    return 'held since a rollback, until resume';
  }
  const skip = skipped.find((one) => one.time === time);
  if (skip !== undefined) return `skipped as ${skip.reason}${skip.detail === undefined ? '' : `: ${skip.detail}`}`;
  if (!readiness.ready) return `not ready (${readiness.reason}): ${readiness.detail}`;
  return 'ready, and read by the next run';
}

async function findRows(opened: Explained, source: ExplainSource, { key }: ObjectInfo, id: string) {
  const found: { readonly rowGroup: number; readonly row: number }[] = [];
  await withInput(opened, source, key, async (file) => {
    for (const [rowGroup, { rows }] of file.rowGroups.entries()) {
      const ids = await idsOf(file, source.idColumn, rowGroup, 0, rows);
      for (const [row, value] of ids.entries()) if (value === id) found.push({ rowGroup, row });
    }
  });
  return found;
}

/** Ids of some rows of a source object; none where the object is gone or no data. */
export async function readIds(
  opened: Explained,
  source: ExplainSource,
  key: string,
  rowGroup: number,
  rowStart: number,
  rowEnd: number,
): Promise<readonly (string | undefined)[]> {
  let ids: readonly (string | undefined)[] = [];
  await withInput(opened, source, key, async (file) => {
    ids = await idsOf(file, source.idColumn, rowGroup, rowStart, rowEnd);
  });
  return ids;
}

async function idsOf(file: InputFile, name: string, rowGroup: number, rowStart: number, rowEnd: number) {
  const columns = await file.readRows({ rowGroup, rowStart, rowEnd, columns: [{ name, shape: 'keyword' }] });
  const column = columns[name];
  if (column?.kind !== 'bytes') return [];
  const { offsets, data, validity } = column;
  return Array.from({ length: rowEnd - rowStart }, (_, row) =>
    validity !== undefined && ((validity[row >> 3]! >> (row & 7)) & 1) === 0
      ? undefined
      : utf8.decode(data.subarray(offsets[row]!, offsets[row + 1]!)),
  );
}

/** Does nothing for an object that is gone by now, or that is no data: what is wrong with it stands elsewhere. */
async function withInput(
  { signal }: Explained,
  { store }: ExplainSource,
  key: string,
  read: (file: InputFile) => Promise<void>,
): Promise<void> {
  const object = await store.stat(key, signal);
  if (object === undefined) return;
  try {
    const file = await openInput(objectSource(store, object, signal), object);
    try {
      await read(file);
    } finally {
      file.close();
    }
  } catch (error) {
    if (!(error instanceof TidemarkError) || error.code !== 'bad-data') throw error;
  }
}
