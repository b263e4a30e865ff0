/**
 * One small segment per format version, and per kernel that wrote other bytes under it, committed. Old ones stay readable for ever; today's
 * is also written again, byte for byte. After a deliberate change: raise FORMAT_VERSION or the kernel's ABI, run with
 * TIDEMARK_UPDATE_GOLDEN=1, commit the new file.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { bytesSource, concatBytes } from '#src/base/bytes.js';
import { KERNEL_ABI } from '#src/kernel/abi.js';
import { Kernel } from '#src/kernel/kernel.js';
import { shardInput } from '#src/merge/shard-input.js';
import { writeSegment } from '#src/merge/write-segment.js';
import { checkSegment } from '#src/segment/check.js';
import { DEFAULT_STORED_COMPRESSION } from '#src/segment/compress.js';
import { FORMAT_VERSION } from '#src/segment/layout.js';
import { openSegment } from '#src/segment/reader.js';
import { REFERENCE_SCHEMA as schema } from '../../support/reference-documents.js';
import type { ReferenceDocument } from '../../support/reference-segment.js';
import { localRunner, NO_CANCEL, planOf, shardOf } from '../../support/reference-shards.js';

const FOLDER = 'test/golden/segments';

/** 300 documents: enough for full blocks, several dictionary blocks and a tail of each. */
function documents(): ReferenceDocument[] {
  return Array.from({ length: 300 }, (_, i) => ({
    id: `doc-${String(i).padStart(3, '0')}`,
    group: `group-${i % 7}`,
    version: i % 11 === 0 ? null : BigInt(1_000 + i),
    object: i < 200 ? 0 : 1,
    rowGroup: 0,
    row: i < 200 ? i : 2 * (i - 200),
    values: {
      title: `common word${i} ${i % 3 === 0 ? 'three three' : ''} 日本 don't`,
      body: i % 5 === 0 ? null : ['first value', `second ${i % 90}`],
      tags: i % 4 === 0 ? [] : [`tag${i % 13}`, `tag${i % 4}`],
      kind: i % 2 === 0 ? 'even' : null,
      note: `note ${i}`,
      size: BigInt(i) * 1_000_003n - 7n,
      price: i % 10 === 0 ? null : i / 8,
      at: BigInt(1_777_852_800_000_000 + i),
      open: i % 2 === 0,
    },
  }));
}

async function write(): Promise<Uint8Array> {
  const kernel = Kernel.create();
  const chunks: Uint8Array[] = [];
  const context = {
    pool: localRunner(async () => new Uint8Array(0)),
    kernel,
    store: { uri: 'nowhere' },
    stored: DEFAULT_STORED_COMPRESSION,
    cancel: NO_CANCEL,
  };
  const partitions = [{ time: Date.UTC(2026, 4, 4), objects: ['a.parquet', 'b.parquet'] }];
  const input = shardInput(await shardOf(kernel, schema, documents()), partitions);
  await writeSegment(context, planOf(schema), schema.fingerprint, [input], async (chunk) => {
    chunks.push(chunk.slice());
  });
  return concatBytes(chunks);
}

describe('golden segments', () => {
  const current = `${FOLDER}/v${FORMAT_VERSION}-abi${KERNEL_ABI}.tms`;
  if (process.env.TIDEMARK_UPDATE_GOLDEN === '1') {
    it('writes the current one', async () => {
      assert(!existsSync(current), `${current} is committed: a released version's bytes do not change`);
      writeFileSync(current, await write());
    });
    return;
  }

  it("writes today's version as it was", async () => {
    assert(Buffer.from(await write()).equals(readFileSync(current)), 'the bytes changed under the same format version');
  });

  for (const name of readdirSync(FOLDER).filter((file) => file.endsWith('.tms'))) {
    it(`reads ${name}`, async () => {
      const source = bytesSource(new Uint8Array(readFileSync(`${FOLDER}/${name}`)));
      assert.deepEqual((await checkSegment(source, name)).defects, []);
      const reader = await openSegment(source, name);
      assert.equal(reader.docs, 300);
      const info = await (await reader.dictionary('title')).seekExact(new TextEncoder().encode('three'));
      assert.equal(info?.docFreq, 100);
      assert.equal(info?.totalTermFreq, 200);
      assert.equal((await reader.column('size')).value(299), 299n * 1_000_003n - 7n);
      assert.equal((await reader.sources()).rowOf(250).row, 100);
    });
  }
});
