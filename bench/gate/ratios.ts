/**
 * CPU time of each phase in units of a calibration loop that runs between them. CPU time does not grow while others have the
 * processor; what is left of their noise (cold caches, a slower clock) only adds, so that of many short runs the fastest tell.
 */
import { fileURLToPath } from 'node:url';
import { Kernel } from '#src/kernel/kernel.js';
import { runNode } from '../harness/child.js';
import { quantile } from '../harness/statistics.js';
import { calibrate } from './calibration.js';
import { buildShards, decodeGroups, mergeShards, openWorkload, tokenizeTexts } from './workload.js';

/** By phase: CPU time in units of the calibration loop. */
export type Ratios = Readonly<Record<string, number>>;

/** Runs of each phase that are thrown away: V8 has then compiled what is hot. */
const WARM_UPS = 12;
const ROUNDS = 25;
/** One pass takes a millisecond or two: too little for the clock of CPU time. */
const TOKENIZE_TIMES = 10;
/**
 * The share of runs that are taken as undisturbed. Of eight measurements at a load of 14 on two cores this one had the least spread;
 * the very fastest and the median had more.
 */
const UNDISTURBED = 0.1;

/** Measures in a process of its own, so that every measurement starts from the same: nothing compiled, nothing on the heap. */
export async function measureRatios(): Promise<Ratios> {
  const { stdout } = await runNode([fileURLToPath(import.meta.url)]);
  return JSON.parse(stdout) as Ratios;
}

async function measureHere(): Promise<Ratios> {
  const workload = await openWorkload();
  const kernels = { worker: Kernel.create(), main: Kernel.create() };
  const shards = await buildShards(kernels.worker, workload);
  const phases: Readonly<Record<string, () => unknown>> = {
    tokenize: () => {
      for (let time = 0; time < TOKENIZE_TIMES; time++) tokenizeTexts(kernels.worker, workload);
    },
    decode: () => decodeGroups(workload.file),
    build: () => buildShards(kernels.worker, workload),
    merge: () => mergeShards(kernels, shards),
  };
  const samples = new Map<string, number[]>(Object.keys(phases).map((name) => [name, []]));
  const calibrations: number[] = [];
  for (let round = 0; round < WARM_UPS + ROUNDS; round++) {
    for (const [name, phase] of Object.entries(phases)) {
      const calibration = await cpuOf(calibrate);
      const work = await cpuOf(phase);
      if (round < WARM_UPS) continue;
      calibrations.push(calibration);
      samples.get(name)!.push(work);
    }
  }
  const unit = quantile(calibrations, UNDISTURBED);
  return Object.fromEntries([...samples].map(([name, own]) => [name, quantile(own, UNDISTURBED) / unit]));
}

/** us of CPU, user and system, of all threads: of this process only the main one is at work. */
async function cpuOf(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(JSON.stringify(await measureHere()));
