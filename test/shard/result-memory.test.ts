/** Memory of results goes round: never in two hands at once, and no more of it kept than allowed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ResultMemory } from '#src/shard/result-memory.js';
import { Outbox } from '#src/worker/outbox.js';

const MIB = 1 << 20;

describe('memory of results', () => {
  it('is lent again after it was given back, by kind, and to one task at a time', () => {
    const memory = new ResultMemory();
    const first = new Outbox(memory.lend('shard'));
    first.take(100);
    assert.equal(memory.lend('shard').length, 0);
    memory.takeBack('shard', first.memory);
    assert.equal(memory.lend('merge').length, 0);
    assert.ok(memory.lend('shard')[0] === first.memory[0]);
    assert.equal(memory.lend('shard').length, 0);
  });

  it('is left to the collector beyond its bound', () => {
    const memory = new ResultMemory();
    const [a, b, c] = Array.from({ length: 3 }, () => new SharedArrayBuffer(100 * MIB));
    for (const buffer of [a, b, c]) memory.takeBack('merge', [buffer!]);
    assert.ok(memory.lend('merge')[0] === b);
    assert.ok(memory.lend('merge')[0] === a);
    assert.equal(memory.lend('merge').length, 0);
    memory.takeBack('merge', [c!]);
    assert.ok(memory.lend('merge')[0] === c);
  });

  it('gives every piece of a result bytes of its own, aligned, in lent buffers or more', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(3 * MIB), { maxLength: 20 }),
        fc.array(fc.nat(6), { maxLength: 4 }),
        (lengths, lent) => {
          const buffers = lent.map((mib) => new SharedArrayBuffer(mib * MIB));
          const outbox = new Outbox(buffers);
          const pieces = lengths.map((length) => outbox.take(length));
          assert.deepEqual(
            pieces.map(({ length }) => length),
            lengths,
          );
          pieces.forEach((piece, i) => {
            assert.equal(piece.byteOffset % 8, 0);
            assert.ok(outbox.memory.includes(piece.buffer as SharedArrayBuffer));
            for (const other of pieces.slice(0, i)) {
              if (other.buffer !== piece.buffer || other.length === 0 || piece.length === 0) continue;
              assert.ok(
                other.byteOffset + other.length <= piece.byteOffset ||
                  piece.byteOffset + piece.length <= other.byteOffset,
              );
            }
          });
          assert.ok(buffers.every((buffer, i) => outbox.memory[i] === buffer));
        },
      ),
      { seed: 21, numRuns: 60 },
    );
  });
});
