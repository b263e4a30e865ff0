/** The stream into a file: bytes in order whatever the chunks, and a failed early sync is never lost. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { BufferedFile, type WritableFile } from '#src/store/file-writer.js';

const MIB = 1 << 20;

/** A file in memory that takes at most `most` bytes a call, and whose syncs end as told. */
function memoryFile(most: number, sync: () => Promise<void>) {
  const written: Buffer[] = [];
  let syncs = 0;
  const file: WritableFile = {
    write: async (bytes, offset, length) => {
      const taken = Math.min(length, most);
      written.push(Buffer.from(bytes.slice(offset, offset + taken)));
      return { bytesWritten: taken };
    },
    datasync: () => {
      syncs++;
      return sync();
    },
  };
  return { file, bytes: () => Buffer.concat(written), syncs: () => syncs };
}

describe('a buffered file', () => {
  it('writes chunks of any size in order, though their memory is reused at once', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(3 * MIB), { maxLength: 8 }),
        fc.integer({ min: 1000, max: 2 * MIB }),
        async (sizes, most) => {
          const { file, bytes } = memoryFile(most, async () => undefined);
          const stream = new BufferedFile(file);
          const memory = new Uint8Array(3 * MIB);
          const expected: Buffer[] = [];
          for (const [i, size] of sizes.entries()) {
            const chunk = memory.subarray(0, size);
            chunk.fill(i + 1);
            expected.push(Buffer.from(chunk));
            await stream.write(chunk);
          }
          await stream.flush();
          assert.ok(bytes().equals(Buffer.concat(expected)));
        },
      ),
      { seed: 22, numRuns: 25 },
    ));

  it('lets the disk work while bytes are still coming', async () => {
    const { file, syncs } = memoryFile(MIB, async () => undefined);
    const stream = new BufferedFile(file);
    for (let i = 0; i < 40; i++) await stream.write(new Uint8Array(MIB));
    await stream.flush();
    assert.ok(syncs() >= 3, `${syncs()} syncs`);
  });

  it('tells at the end that a sync on the way failed: the system reports a lost write only once', async () => {
    const { file } = memoryFile(MIB, async () => {
      throw new Error('EIO');
    });
    const stream = new BufferedFile(file);
    for (let i = 0; i < 20; i++) await stream.write(new Uint8Array(MIB));
    await assert.rejects(stream.flush(), /EIO/);
  });
});
