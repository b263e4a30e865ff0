/** Histories that once failed, cut down to what they need, and the promise that a seed is a history. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { playHistory } from './history.js';
import { type Plan, planHistory, SLOT_MS, START_MS } from './plan.js';
import { folderOf, type SourceContent, type SourceEvent } from './plan-source.js';

const CALM_MS = 400_000;

const land = (seconds: number, slot: number, content: SourceContent): SourceEvent => ({
  at: START_MS + seconds * 1_000,
  key: `${folderOf(START_MS + slot * SLOT_MS)}part-0.arrow`,
  content,
});
const object = (number: number): SourceContent => ({ kind: 'object', number });

const QUIET: Plan = {
  seed: 1,
  config: {
    coverage: { mode: 'disjoint', onGap: 'widen' },
    replace: 'record',
    versioned: true,
    settleMs: 0,
    marker: false,
    onBadPartition: 'passOver',
    coarseTimes: false,
    keepMs: undefined,
  },
  source: [land(5, 0, object(1)), land(65, 1, object(2)), land(125, 2, object(3)), land(185, 3, object(4))],
  incidents: [],
  calmAt: START_MS + CALM_MS,
};

async function requireHeld(plan: Plan): Promise<void> {
  const { violation } = await playHistory(plan, new Map());
  assert.equal(violation?.message, undefined);
}

it('a seed is a history: played twice, the same things happen at the same instants', async () => {
  for (const seed of [3, 14, 27]) {
    const [first, second] = [
      await playHistory(planHistory(seed), new Map(), true),
      await playHistory(planHistory(seed), new Map(), true),
    ];
    assert.ok(first.lines.length > 100);
    assert.deepEqual(second.lines, first.lines);
  }
});

it('a history without faults holds, and nobody writes more than there is to write', async () => {
  const { violation, generations } = await playHistory(QUIET, new Map());
  assert.equal(violation, undefined);
  assert.equal(generations, 4);
});

it('a base built while a rollback holds partitions tells the gap that it leaves', async () => {
  await requireHeld({
    ...QUIET,
    incidents: [
      { kind: 'rollback', at: START_MS + 160_000, back: 2, resumeAfterMs: 80_000 },
      { kind: 'base', at: START_MS + 210_000 },
      { kind: 'base', at: START_MS + 225_000 },
    ],
  });
});

it('a base built while an older partition is bad tells the gap that it leaves under hold', async () => {
  await requireHeld({
    ...QUIET,
    config: { ...QUIET.config, onBadPartition: 'hold' },
    source: [...QUIET.source, land(235, 1, { kind: 'garbage' }), land(CALM_MS / 1_000, 1, object(5))],
    incidents: [
      { kind: 'base', at: START_MS + 110_000 },
      { kind: 'base', at: START_MS + 240_000 },
    ],
  });
});
