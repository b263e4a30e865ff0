/** What runs remember of those before: read once a process and index, written back after each run. */
import { COSTS, type CostName } from '../deadline/cost-model.js';
import { addRun, encodeHistory, type RunHistory, readHistory } from '../deadline/history.js';
import type { Sample } from '../deadline/linear-fit.js';
import { RATES_KEY } from '../manifest/names.js';
import type { Store } from '../store/store.js';
import type { PhaseTimes } from './phases.js';
import type { RunNotes } from './run-notes.js';

/** By the open store: what is remembered goes with it. */
const remembered = new WeakMap<Store, RunHistory>();

export async function recallHistory(store: Store, threads: number, signal: AbortSignal): Promise<RunHistory> {
  const known = remembered.get(store);
  if (known !== undefined) return known;
  const read = await readHistory(store, threads, signal);
  remembered.set(store, read);
  return read;
}

/** Keeps a history for the next run, in memory at once and in the store as far as that is to be had. */
export async function keepHistory(store: Store, threads: number, history: RunHistory): Promise<void> {
  remembered.set(store, history);
  try {
    await store.put(RATES_KEY, encodeHistory(history, threads));
  } catch {
    // Rates are learned again; a run that has committed must not fail for them.
  }
}

/** What a committed run adds. `predictedMs` and `tookMs` = the phases that were predicted. */
export function learn(
  history: RunHistory,
  notes: RunNotes,
  phases: PhaseTimes,
  newDocs: number,
  ratio: number | undefined,
): RunHistory {
  return addRun(history, [...samplesOf(notes), ...phaseSamples(phases, newDocs)], ratio);
}

type NamedSample = readonly [CostName, Sample];

function samplesOf({ parts, merges }: RunNotes): NamedSample[] {
  const samples: NamedSample[] = [];
  const add = (name: CostName, value: number, ...amounts: readonly number[]) =>
    samples.push([name, { amounts, value }]);
  for (const { ms, objects, inputBytes, bytes, docs, storedFast } of parts) {
    if (ms === undefined || inputBytes === 0) continue;
    add('read', ms.read, objects);
    add('build', ms.build, 1, inputBytes);
    add(storedFast ? 'writeFast' : 'write', ms.write, 1, inputBytes);
    add('partBytes', bytes, inputBytes);
    add('partDocs', docs, inputBytes);
  }
  for (const { cached, inputs, inputBytes, ms } of merges) if (!cached) add('merge', ms, inputs, inputBytes);
  return samples;
}

function phaseSamples(phases: PhaseTimes, newDocs: number): NamedSample[] {
  return [
    ['seal', { amounts: Array.from(COSTS.seal.defaults, (_, i) => (i === 0 ? 1 : newDocs)), value: phases.seal }],
    ['commit', { amounts: [1], value: phases.commit }],
  ];
}
