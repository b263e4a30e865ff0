import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TidemarkError } from '#src/base/errors.js';
import type { PartitionRef } from '#src/partition/folder.js';
import { listPartitions } from '#src/partition/listing.js';
import { assessPartitions, type ReadyEvidence, type ReadyRule, readiness } from '#src/partition/ready.js';
import { compileTemplate } from '#src/partition/template.js';
import { advanceWatermark, requireMonotone } from '#src/partition/watermark.js';
import { MemoryStore } from '../support/memory-store.js';
import { setClock } from '../support/source-fixture.js';

const TIME = Date.parse('2026-05-04T02:15:00Z');
const WRITTEN = TIME + 60_000;
const RULE: ReadyRule = { settleMs: 5_000, minObjects: 1, maxFutureSkewMs: 600_000 };

function partitionOf(modified: readonly number[], more: Partial<PartitionRef> = {}): PartitionRef {
  const objects = modified.map((lastModified, i) => ({ key: `p/${i}`, size: 1, etag: `"${i}"`, lastModified }));
  const newestModified = modified.length === 0 ? undefined : Math.max(...modified);
  return { time: TIME, prefix: 'p/', objects, newestModified, marker: undefined, ignored: [], ...more };
}

function verdict(partition: PartitionRef, rule: Partial<ReadyRule & ReadyEvidence> = {}): string {
  const answer = readiness(partition, { ...RULE, listingDate: WRITTEN, newerExists: false, ...rule });
  return answer.ready ? answer.because : answer.reason;
}

const marker = (lastModified: number) => ({ key: 'p/_SUCCESS', size: 0, etag: '"m"', lastModified });

test('settled from the very millisecond on', () => {
  const partition = partitionOf([WRITTEN - 9_000, WRITTEN]);
  assert.equal(verdict(partition, { listingDate: WRITTEN + 4_999 }), 'settling');
  assert.equal(verdict(partition, { listingDate: WRITTEN + 5_000 }), 'settled');
  assert.equal(verdict(partition, { listingDate: WRITTEN, settleMs: 0 }), 'settled');
});

test('without a settle time an object may be newer than the date of its listing, which has whole seconds', () => {
  assert.equal(verdict(partitionOf([WRITTEN + 900]), { listingDate: WRITTEN, settleMs: 0 }), 'settled');
});

test('a newer partition completes it at once, but never one with too few objects', () => {
  assert.equal(verdict(partitionOf([WRITTEN]), { newerExists: true }), 'newer-exists');
  assert.equal(verdict(partitionOf([WRITTEN]), { newerExists: true, minObjects: 2 }), 'too-few-objects');
  assert.equal(verdict(partitionOf([]), { newerExists: true, minObjects: 0 }), 'too-few-objects');
});

test('a marker accelerates and is never needed', () => {
  const marked = partitionOf([WRITTEN], { marker: marker(WRITTEN) });
  assert.equal(verdict(marked, { marker: '_SUCCESS' }), 'marker');
  assert.equal(verdict(marked), 'settling', 'no marker configured');
  assert.equal(verdict(partitionOf([WRITTEN]), { marker: '_SUCCESS', listingDate: WRITTEN + 5_000 }), 'settled');
  const early = partitionOf([WRITTEN], { marker: marker(WRITTEN - 1) });
  assert.equal(verdict(early, { marker: '_SUCCESS' }), 'settling', 'data came after the marker');
  const alone = partitionOf([], { marker: marker(WRITTEN) });
  assert.equal(verdict(alone, { marker: '_SUCCESS' }), 'too-few-objects');
});

test('the future is not ready, however settled; its edge is', () => {
  const listingDate = TIME - 600_000;
  const old = partitionOf([listingDate - 99_999]);
  assert.equal(verdict(old, { listingDate }), 'settled');
  assert.equal(verdict(old, { listingDate: listingDate - 1 }), 'future');
  assert.equal(verdict(old, { listingDate: listingDate - 1, newerExists: true }), 'future');
});

test('what is committed stays ready whatever the clock says, unless its data goes', () => {
  const listingDate = TIME - 3_600_000;
  assert.equal(verdict(partitionOf([WRITTEN]), { listingDate, isCommitted: true }), 'committed');
  assert.equal(verdict(partitionOf([]), { listingDate, isCommitted: true }), 'too-few-objects');
});

test('a missing ETag is an error that names the object', () => {
  const partition = partitionOf([WRITTEN]);
  const broken = { ...partition, objects: [{ ...partition.objects[0]!, etag: '' }] };
  assert.throws(
    () => verdict(broken),
    (error: unknown) => error instanceof TidemarkError && error.code === 'store' && error.where.object === 'p/0',
  );
});

test('over one listing: newer ones count if they hold data and are not in the future', async () => {
  const template = compileTemplate('%Y-%m-%d/%H%M');
  const clock = setClock(WRITTEN);
  const store = new MemoryStore(clock);
  const put = (name: string, bytes = 1) => store.put(`2026-05-04/${name}`, new Uint8Array(bytes));
  const assess = async () => {
    const listing = await listPartitions(store, { template, to: clock.now() + 7_200_000 });
    return assessPartitions(listing, RULE).map(({ partition, readiness: answer }) => {
      const name = partition.prefix.slice(11, 15);
      return `${name} ${answer.ready ? answer.because : answer.reason}`;
    });
  };
  await put('0210/a');
  assert.deepEqual(await assess(), ['0210 settling']);
  await put('0215/empty', 0);
  await put('0355/a');
  assert.deepEqual(await assess(), ['0355 future', '0215 too-few-objects', '0210 settling']);
  await put('0215/a');
  assert.deepEqual(await assess(), ['0355 future', '0215 settling', '0210 newer-exists']);
});

test('the watermark only rises, except at a recorded rollback', () => {
  assert.equal(advanceWatermark(undefined, 5), 5);
  assert.equal(advanceWatermark(5, 9), 9);
  assert.equal(advanceWatermark(9, 5), 9);
  requireMonotone({ watermark: undefined }, { watermark: undefined });
  requireMonotone({ watermark: 5 }, { watermark: 5 });
  requireMonotone({ watermark: 5 }, { watermark: 3, rolledBackFrom: 7 });
  assert.throws(() => requireMonotone({ watermark: 5 }, { watermark: 4 }), /only at a rollback/);
  assert.throws(() => requireMonotone({ watermark: 5 }, { watermark: undefined }), /only at a rollback/);
});
