import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coverageStrip, stripLines } from '#src/cli/coverage-strip.js';
import type { Manifest } from '#src/manifest/manifest.js';
import { aManifest } from '../support/manifest-fixture.js';

const SLOT = 300_000;
const START = Date.parse('2026-05-04T00:00:00Z');
const at = (slot: number) => START + slot * SLOT;

/** 30 hours of five-minute partitions, with one of each kind of trouble in the last ones. */
function troubled(): Manifest {
  const { coverage } = aManifest();
  const [skipped, late, missing, quarantined, held] = [340, 341, 342, 343, 344];
  const slots = Array.from({ length: 360 }, (_, i) => i).filter((slot) => slot > 100);
  const read = slots.filter((slot) => ![skipped, missing, quarantined, held].includes(slot));
  return aManifest({
    coverage: {
      ...coverage,
      partitions: read.map((slot) => ({
        time: at(slot),
        part: 'a'.repeat(32),
        state: slot === late ? 'late' : 'read',
      })),
      skipped: [
        { time: at(skipped), reason: 'not-ready' },
        { time: at(quarantined), reason: 'quarantined' },
        { time: at(held), reason: 'held' },
      ],
    },
    base: { segments: [], watermark: at(100) },
  });
}

test('draws 24 hours, a sign a slot, with a legend of what occurs', () => {
  const strip = coverageStrip(troubled(), 60)!;
  assert.deepEqual([strip.slotMs, strip.cellMs, strip.cells.length], [SLOT, SLOT, 288]);
  assert.deepEqual([strip.cells[0]!.from, strip.cells.at(-1)!.to], [at(72), at(360)]);
  const lines = stripLines(strip, 60);
  assert.equal(lines.length, 6);
  assert.equal(lines[0], `2026-05-04T06:00:00Z  ${'='.repeat(29)}${'#'.repeat(31)}`);
  assert.equal(lines[4], `2026-05-05T02:00:00Z  ${'#'.repeat(28)}.L-QH${'#'.repeat(15)}`);
  assert.match(
    lines[5]!,
    /^= in the base {3}# covered {3}\. skipped {3}L late, read again {3}H held {3}- missing {3}Q quarantined/,
  );
});

test('keeps to the width: more slots a sign, and the gravest of them shows', () => {
  for (const width of [20, 24, 50, 80, 200]) {
    const lines = stripLines(coverageStrip(troubled(), width)!, width).slice(0, -1);
    const longest = Math.max(...lines.map((line) => line.length - '2026-05-04T06:00:00Z  '.length));
    assert(longest <= width && lines.length <= 8, `${longest} signs in ${lines.length} lines for ${width}`);
  }
  const narrow = coverageStrip(troubled(), 12)!;
  assert.equal(narrow.cellMs, 3 * SLOT);
  assert.deepEqual(
    narrow.cells.filter(({ state }) => state !== 'covered' && state !== 'base').map(({ state }) => state),
    ['late', 'quarantined'],
  );
});

test('shows what a rollback holds back, and nothing before the first partition or without any', () => {
  const { coverage } = aManifest();
  const manifest = aManifest({
    coverage: {
      ...coverage,
      partitions: [0, 1].map((slot) => ({ time: at(slot), part: 'a'.repeat(32), state: 'read' })),
    },
    held: [{ from: at(1), to: at(3) }],
  });
  assert.deepEqual(
    coverageStrip(manifest, 60)!.cells.map(({ state }) => state),
    ['covered', 'covered', 'held', 'held'],
  );
  assert.equal(coverageStrip(aManifest(), 60), undefined);
});
