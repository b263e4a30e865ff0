/** Looks at a source that is never listed whole: what they cost, and that nothing stays unseen. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatPartition } from '#src/partition/key.js';
import { KnownSource, type LookOptions } from '#src/partition/known-source.js';
import { listPartitions } from '#src/partition/listing.js';
import { compileTemplate } from '#src/partition/template.js';
import { sourceWith } from '../support/source-fixture.js';

const MINUTE = 60_000;
const START = Date.parse('2025-11-12T00:00:00Z');
const SLOT = 5 * MINUTE;
const TEMPLATES = ['dt=%Y-%m-%d/hour=%H/minute=%M', 't=%Y%m%dT%H%M', '%Y/%j/%H%M'].map(compileTemplate);
const one = Uint8Array.of(1);

function optionsOf(latest: number, more: Partial<LookOptions> = {}): LookOptions {
  return {
    template: TEMPLATES[0]!,
    from: undefined,
    sweepFrom: -1,
    recent: latest - 60 * MINUTE,
    to: latest + 10 * MINUTE,
    marker: undefined,
    signal: new AbortController().signal,
    ...more,
  };
}

test('a look at 50,000 partitions is a handful of requests, and a late object is found within one round', async () => {
  const count = 50_000;
  const latest = START + (count - 1) * SLOT;
  for (const template of TEMPLATES) {
    const source = await sourceWith(
      template,
      Array.from({ length: count }, (_, i) => START + i * SLOT),
    );
    const known = new KnownSource();
    const options = optionsOf(latest, { template, from: latest - 2_016 * SLOT });
    const late = START + 31_415 * SLOT;
    let foundAt: number | undefined;
    for (let tick = 0; tick < 60; tick++) {
      if (tick === 3) await source.put(`${formatPartition(template, late)}late.parquet`, one);
      source.calls.list = 0;
      const { listCalls, swept } = await known.look(source, options);
      assert.equal(listCalls, source.calls.list, 'every request is counted');
      assert(listCalls <= 2, `${listCalls} requests at tick ${tick}`);
      if (swept.some(({ time, objects }) => time === late && objects.length === 2)) foundAt ??= tick;
    }
    assert(foundAt !== undefined && foundAt > 3, 'the late object was found');
  }
});

/** Changes between looks: an object is put into, or taken out of, the n-th slot. */
const steps = fc.array(
  fc.record({ slot: fc.nat({ max: 1_800 }), name: fc.constantFrom('a', 'b'), isGone: fc.boolean() }),
  { maxLength: 30 },
);

test('after changes at random places one round ends with what a whole listing shows', async () => {
  const property = fc.asyncProperty(
    fc.constantFrom(...TEMPLATES),
    steps,
    fc.nat({ max: 900 }),
    async (template, changes, low) => {
      const times = Array.from({ length: 600 }, (_, i) => START + i * 3 * SLOT);
      const source = await sourceWith(template, times, { objects: 5 });
      const latest = times.at(-1)!;
      const known = new KnownSource();
      const options = optionsOf(latest, { template, from: START + low * SLOT });
      for (const { slot, name, isGone } of changes) {
        const folder = formatPartition(template, START + slot * SLOT);
        if (isGone) for (let i = 0; i < 5; i++) await source.delete(`${folder}part-${i}.parquet`);
        else await source.put(`${folder}${name}.parquet`, one);
        await known.look(source, options);
      }
      let sighting = await known.look(source, options);
      for (let tick = 0; tick < 8; tick++) sighting = await known.look(source, options);
      const whole = await listPartitions(source, { template, from: options.from, to: options.to });
      assert.equal(sighting.unlisted, undefined);
      assert.deepEqual(sighting.partitions, whole.partitions);
    },
  );
  await fc.assert(property, { seed: 20_260_504, numRuns: 25 });
});

test('what was not listed yet is told, until the sweep has come round', async () => {
  const template = TEMPLATES[0]!;
  const times = Array.from({ length: 3_000 }, (_, i) => START + i * SLOT);
  const source = await sourceWith(template, times);
  const latest = times.at(-1)!;
  const known = new KnownSource();
  const options = optionsOf(latest);
  const first = await known.look(source, options);
  assert(first.unlisted !== undefined && first.unlisted.to === latest - 60 * MINUTE);
  assert(first.partitions.length < 1_020, 'a page of the oldest and the recent hour');
  let last = first;
  while (last.unlisted !== undefined) {
    const next = await known.look(source, options);
    assert(next.unlisted === undefined || next.unlisted.from > last.unlisted.from, 'it shrinks at every look');
    last = next;
  }
  assert.equal(last.partitions.length, 3_000);
  known.distrust();
  const distrusted = await known.look(source, options);
  assert(distrusted.listCalls >= 3, 'a whole listing has a page a thousand objects');
  assert((await known.look(source, options)).listCalls < 3, 'once is enough');
  const all = await new KnownSource().look(source, { ...options, recent: undefined, sweepFrom: undefined });
  assert.deepEqual([all.unlisted, all.partitions.length], [undefined, 3_000]);
});
