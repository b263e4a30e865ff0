/** What lands under the source of a history: partitions on time, late, rewritten, shrunk, bad, empty, from the future. */

import { formatPartition } from '#src/partition/key.js';
import { compileTemplate } from '#src/partition/template.js';
import { OBJECTS } from './corpus.js';
import type { Fault } from './faults.js';
import { EVERY_MS, type SimConfig, SLOT_MS, START_MS } from './plan.js';
import type { Random } from './random.js';

export const TEMPLATE = compileTemplate('dt=%Y-%m-%d/hour=%H/minute=%M');
export const MARKER = '_SUCCESS';

export type SourceContent =
  | { readonly kind: 'object'; readonly number: number }
  | { readonly kind: 'garbage' | 'empty' | 'marker' | 'delete' };

/** One change of the source. */
export interface SourceEvent {
  readonly at: number;
  readonly key: string;
  readonly content: SourceContent;
  /** What it stands for, where it is no everyday event; whether it comes to that is seen when it happens. */
  readonly fault?: Fault;
}

/** Folder of a partition. */
export const folderOf = (time: number): string => formatPartition(TEMPLATE, time);

interface Planned {
  readonly events: readonly SourceEvent[];
  readonly lastSlot: number;
}

export function planSource(random: Random, config: SimConfig, slots: number): Planned {
  const silentFrom = random.chance(0.12) ? 2 + random.int(2) : undefined;
  const numbers = Array.from({ length: slots }, (_, i) => (silentFrom !== undefined && i >= silentFrom ? i + 4 : i));
  const lastSlot = numbers.at(-1)!;
  const calmAt = START_MS + (lastSlot + 1) * SLOT_MS + 20_000;
  const events = numbers.flatMap((slot) => planSlot(random, config, slot, calmAt));
  if (silentFrom !== undefined) {
    const first = events.findIndex(({ at }) => at >= START_MS + (silentFrom + 4) * SLOT_MS);
    if (first >= 0) events[first] = { ...events[first]!, fault: 'silence' };
  }
  events.push(...planOddities(random, calmAt));
  // The last one, by which it is seen that all is well again.
  const fresh = lastSlot + 1;
  events.push(...objectsOf(random, config, fresh, calmAt + 1_000));
  return { events: events.sort((a, b) => a.at - b.at), lastSlot };
}

/** Changes of one slot, the same in every cumulative partition that holds them. */
const changesOf = (random: Random): SourceContent => ({ kind: 'object', number: random.int(OBJECTS) });
const cumulativeContent = (slot: number, salt: number): SourceContent => ({
  kind: 'object',
  number: (slot * 131 + salt * 37) % OBJECTS,
});

function objectsOf(random: Random, config: SimConfig, slot: number, at: number): SourceEvent[] {
  const folder = folderOf(START_MS + slot * SLOT_MS);
  const { coverage } = config;
  if (coverage.mode === 'cumulative') {
    const span = coverage.spanMs / SLOT_MS;
    const held = Array.from({ length: span }, (_, i) => slot - span + 1 + i).filter((change) => change >= 0);
    return held.map((change) => ({
      at: at + random.between(0, 2_000),
      key: `${folder}c-${String(change).padStart(3, '0')}.arrow`,
      content: cumulativeContent(change, coverage.spanMs / SLOT_MS),
    }));
  }
  const objects = 1 + random.int(2);
  return Array.from({ length: objects }, (_, i) => ({
    at: at + random.between(0, 4_000),
    key: `${folder}part-${i}.arrow`,
    content: changesOf(random),
  }));
}

function planSlot(random: Random, config: SimConfig, slot: number, calmAt: number): SourceEvent[] {
  const time = START_MS + slot * SLOT_MS;
  const isLate = random.chance(0.15);
  const at = Math.min(
    calmAt - 5_000,
    time + (isLate ? random.between(70_000, 200_000) : random.between(1_000, 25_000)),
  );
  if (random.chance(0.05)) {
    return [{ at, key: `${folderOf(time)}part-0.arrow`, content: { kind: 'empty' }, fault: 'emptyPartition' }];
  }
  const events = objectsOf(random, config, slot, at).map(
    (event): SourceEvent => (isLate ? { ...event, fault: 'latePartition' } : event),
  );
  const later = () => Math.min(calmAt, at + random.between(6_000, 4 * EVERY_MS));
  if (config.marker && random.chance(0.7)) {
    events.push({ at: at + 4_500, key: `${folderOf(time)}${MARKER}`, content: { kind: 'marker' } });
  }
  if (random.chance(0.07)) {
    const key = `${folderOf(time)}part-9.arrow`;
    events.push({ at: later(), key, content: { kind: 'garbage' }, fault: 'badPartition' });
    const heal: SourceContent = config.coverage.mode === 'cumulative' ? { kind: 'delete' } : changesOf(random);
    events.push({ at: random.chance(0.5) ? calmAt : later(), key, content: heal });
    // Whatever came first, in the end it is whole.
    events.push({ at: calmAt + 1, key, content: heal });
  }
  if (config.coverage.mode === 'cumulative') {
    if (random.chance(0.25)) events.push({ ...random.pick(events), at: later(), fault: 'rewritten' });
    return events;
  }
  if (random.chance(0.25)) {
    const key = `${folderOf(time)}part-5.arrow`;
    events.push({ at: later(), key, content: changesOf(random), fault: 'lateObject' });
  }
  if (random.chance(0.25)) {
    events.push({ at: later(), key: `${folderOf(time)}part-0.arrow`, content: changesOf(random), fault: 'rewritten' });
  }
  if (random.chance(0.15)) {
    const key = `${folderOf(time)}part-${random.int(2)}.arrow`;
    events.push({ at: later(), key, content: { kind: 'delete' }, fault: 'removed' });
  }
  return events;
}

/** What stands beside the partitions. */
function planOddities(random: Random, calmAt: number): SourceEvent[] {
  const events: SourceEvent[] = [];
  const at = () => random.between(START_MS, calmAt);
  if (random.chance(0.12)) {
    const key = `${folderOf(START_MS + (1 + random.int(30)) * 86_400_000)}part-0.arrow`;
    events.push({ at: at(), key, content: changesOf(random), fault: 'futurePartition' });
  }
  if (random.chance(0.15)) {
    const key = random.pick(['dt=unknown/part-0.arrow', '_tmp/part-0.arrow', 'part-0.arrow', 'zz/x/y/part-0.arrow']);
    events.push({ at: at(), key, content: changesOf(random), fault: 'strangeKey' });
  }
  return events;
}
