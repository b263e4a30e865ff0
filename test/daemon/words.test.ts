/** The daemon's line a tick: it answers whether the index is fresh, and if not, why. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { committedWords, idleWords } from '#src/daemon/words.js';

const watermark = '2026-05-04T01:05:00.000Z';
const settling = 'its newest object is 1200 ms old and must be 5000 ms';
const none = 'it holds 0 objects of at least 1';
const minute = (n: number) => new Date(Date.UTC(2026, 4, 4, 2, n)).toISOString();

describe('words of a tick', () => {
  it('say how fresh the index is', () => {
    assert.equal(idleWords({ watermark: null, skipped: [], future: [] }), 'nothing new: nothing committed yet');
    assert.equal(idleWords({ watermark, skipped: [], future: [] }), 'nothing new: fresh up to 2026-05-04T01:05Z');
    assert.equal(
      committedWords({ watermark, skipped: [], future: [], generation: 12, freshnessMs: 1_234 }),
      'generation 12 committed: fresh up to 2026-05-04T01:05Z, 1.2 s after its last object landed',
    );
  });

  it('say what a partition waits for', () => {
    const skipped = [{ time: '2026-05-04T01:10:30.000Z', reason: 'not-ready', detail: settling }];
    assert.equal(
      idleWords({ watermark, skipped, future: [] }),
      `nothing new: fresh up to 2026-05-04T01:05Z; 2026-05-04T01:10:30Z waits: ${settling}`,
    );
  });

  it('count what is alike, and leave out what is older than the watermark and loses nothing', () => {
    const skipped = [
      { time: '2026-05-04T01:00:00.000Z', reason: 'not-ready', detail: none },
      ...Array.from({ length: 1_000 }, (_, n) => ({ time: minute(n), reason: 'not-ready', detail: none })),
      { time: '2026-05-04T00:30:00.000Z', reason: 'quarantined', detail: 'no Parquet file' },
      { time: '2026-05-04T00:35:00.000Z', reason: 'held', detail: undefined },
    ];
    const future = [{ time: '2099-01-01T00:00:00.000Z', prefix: 'dt=2099-01-01/' }];
    assert.equal(
      idleWords({ watermark, skipped, future }),
      'nothing new: fresh up to 2026-05-04T01:05Z; ' +
        `1,000 partitions hold no data, the newest ${minute(999).replace(':00.000', '')}; ` +
        '2026-05-04T00:30Z is passed over: no Parquet file; 2026-05-04T00:35Z is held back; ' +
        '2099-01-01T00:00Z lies in the future and is left alone',
    );
  });
});
