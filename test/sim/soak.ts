/**
 * `npm run soak -- --histories N --seed S [--jobs J]`: as many histories as asked for, how often each fault fired, and every one that failed.
 * `--seed S --verbose [--drop 1,2,..]` plays one, line by line, without some of its items.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { addCounts, type FaultCounts, faultTable } from './faults.js';
import { playHistory } from './history.js';
import { planHistory } from './plan.js';
import { failureText, type Played, type PlayOptions, playMany } from './play-many.js';
import { without } from './shrink.js';

if (isMainThread) await main();
else parentPort!.postMessage(await playMany(workerData as PlayOptions));

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      histories: { type: 'string' },
      seed: { type: 'string', default: '1' },
      jobs: { type: 'string', default: String(Math.min(8, availableParallelism())) },
      drop: { type: 'string', default: '' },
      verbose: { type: 'boolean', default: false },
    },
  });
  const seed = Number(values.seed);
  if (values.verbose) return showOne(seed, values.drop);
  const histories = Number(values.histories ?? 2_000);
  const jobs = Math.min(Number(values.jobs), histories);
  const done = await Promise.all(Array.from({ length: jobs }, (_, i) => playAside(seed + i, histories - i, jobs)));
  const counts: FaultCounts = new Map();
  for (const one of done) addCounts(counts, one.counts);
  const failures = done.flatMap((one) => one.failures);
  for (const failure of failures) console.log(failureText(failure));
  console.log(faultTable(counts));
  const total = (of: 'histories' | 'generations') => done.reduce((sum, one) => sum + one[of], 0);
  console.log(`${total('histories')} histories, ${total('generations')} generations, ${failures.length} failed`);
  if (failures.length > 0) process.exitCode = 1;
}

function playAside(first: number, histories: number, step: number): Promise<Played> {
  const workerOptions: PlayOptions = { first, histories, step };
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: workerOptions });
    worker.once('message', resolve).once('error', reject);
  });
}

async function showOne(seed: number, drop: string): Promise<void> {
  const dropped = new Set(drop === '' ? [] : drop.split(',').map(Number));
  const plan = without(planHistory(seed), dropped);
  console.log(JSON.stringify(plan.config));
  const { violation, lines } = await playHistory(plan, new Map(), true);
  console.log(lines.join('\n'));
  console.log(violation === undefined ? 'everything held' : `failed: ${violation.message}`);
  if (violation !== undefined) process.exitCode = 1;
}
