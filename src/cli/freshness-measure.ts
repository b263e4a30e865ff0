/** Measures what a run of the daemon takes: real partitions of several sizes landing one after another in one window. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { arch, availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TidemarkError } from '../base/errors.js';
import { runTrigger } from '../daemon/loop.js';
import type { MeasuredRates, MeasuredRun } from '../freshness/rates.js';
import { formatPartition } from '../partition/key.js';
import { openStore } from '../store/open.js';
import { freshnessConfig, freshnessYaml, generatedKey, generatePartitions } from './freshness-index.js';
import { openSession } from './session.js';
import type { CommandContext } from './terminal.js';

/** Documents of the partitions that land, over the mean of the day; the first two only warm up. */
const SIZES = [1, 1, 0.5, 2, 1, 0.25, 1, 2, 0.5, 1, 4, 1, 0.25, 2, 1, 0.5, 1, 1] as const;
const WARM_UPS = 2;
const MINUTE_MS = 60_000;
/** The whole window lies within what a window of 5 h reaches. */
const FIRST_BEFORE_MS = SIZES.length * MINUTE_MS;
const STARTS = 3;

export const CLI = fileURLToPath(new URL('../cli.js', import.meta.url));

/** Into an empty folder, which the caller removes. */
export async function measureRates(folder: string, docs: number, context: CommandContext): Promise<MeasuredRates> {
  const { clock, signal } = context;
  const [data, source, index] = ['data', 'source', 'index'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const config = freshnessConfig(source, index, '0s');
  const session = await openSession(config, context);
  const runs: MeasuredRun[] = [];
  try {
    const [target] = session.indexes;
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const first = Math.floor((clock.now() - FIRST_BEFORE_MS) / MINUTE_MS) * MINUTE_MS;
    let windowDocs = 0;
    for (const [n, size] of SIZES.entries()) {
      const from = await openStore({ uri: join(data, `${n}`) }, clock);
      const newDocs = Math.max(1, Math.round(size * docs));
      await generatePartitions(from, { count: 1, docs: newDocs, seed: n, signal });
      const folderOfTime = formatPartition(target!.settings.source.partition, first + n * MINUTE_MS);
      await target!.deps.source.put(`${folderOfTime}part-0.parquet`, await from.read(generatedKey(0)));
      from.close();
      const { phases } = await runTrigger(target!, { everyMs: 1, deadlineMs: 1e9, clock, log, signal });
      windowDocs += newDocs;
      const { select, read, build, merge, seal, commit } = phases;
      const run = { newDocs, windowDocs, buildMs: read + build, mergeMs: merge + seal, fixedMs: select + commit };
      if (n >= WARM_UPS) runs.push(run);
    }
  } finally {
    await session.close();
  }
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const machine = `${availableParallelism()} threads of ${model}, ${process.platform} ${arch()}, Node ${process.version}`;
  return { machine, startMs: await measureStart(folder, source, index, context), runs };
}

/** The median wall time of `run --once` where there is nothing new: process, pool, listing, newest manifest. */
async function measureStart(folder: string, source: string, index: string, { clock, signal }: CommandContext) {
  const path = join(folder, 'start.yaml');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, freshnessYaml(source, index, '30s', '0s'));
  const times: number[] = [];
  for (let i = 0; i < STARTS; i++) {
    const before = clock.elapsed();
    await new Promise<void>((resolve, reject) => {
      const child = spawn(process.execPath, [CLI, 'run', '-c', path, '--once', '--json'], { stdio: 'ignore', signal });
      child.once('error', reject);
      child.once('exit', (code) => {
        if (code === 0) resolve();
        else reject(new TidemarkError('internal', `the process whose start was measured ended with ${code}`));
      });
    });
    times.push(clock.elapsed() - before);
  }
  return times.sort((a, b) => a - b)[STARTS >> 1]!;
}
