/**
 * CPU time of each phase over that of the calibration loop beside it. CPU time does not grow while others have the processor; what
 * is left of their noise (caches, clock rate) meets both alike, and the median of many short pairs leaves out the rest.
 */
import { Kernel } from '#src/kernel/kernel.js';
import { median } from '../harness/statistics.js';
import { calibrate } from './calibration.js';
import { buildShards, decodeGroups, mergeShards, openWorkload, tokenizeTexts } from './workload.js';

/** By phase: CPU time in units of the calibration loop. */
export type Ratios = Readonly<Record<string, number>>;

/** Runs of each phase that are thrown away: V8 has then compiled what is hot. */
const WARM_UPS = 6;
const PAIRS = 25;

export async function measureRatios(): Promise<Ratios> {
  const workload = await openWorkload();
  const kernels = { worker: Kernel.create(), main: Kernel.create() };
  const shards = await buildShards(kernels.worker, workload);
  const phases: Readonly<Record<string, () => unknown>> = {
    tokenize: () => tokenizeTexts(kernels.worker, workload),
    decode: () => decodeGroups(workload.file),
    build: () => buildShards(kernels.worker, workload),
    merge: () => mergeShards(kernels, shards),
  };
  const pairs = new Map<string, number[]>(Object.keys(phases).map((name) => [name, []]));
  for (let round = 0; round < WARM_UPS + PAIRS; round++) {
    for (const [name, phase] of Object.entries(phases)) {
      const before = await cpuOf(calibrate);
      const work = await cpuOf(phase);
      const after = await cpuOf(calibrate);
      if (round >= WARM_UPS) pairs.get(name)!.push((2 * work) / (before + after));
    }
  }
  return Object.fromEntries([...pairs].map(([name, own]) => [name, median(own)]));
}

/** us of CPU, user and system, of all threads: of this process only the main one is at work. */
async function cpuOf(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
