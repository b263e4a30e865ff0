/** `tidemark bench`: what an operator may want to measure on the own machine. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { TidemarkError } from '../../base/errors.js';
import { type DayResult, planDay, plotDay, replayDay } from '../../freshness/day.js';
import { BATCH_DEFAULTS, modelsOf } from '../../freshness/models.js';
import { fitRates, type MeasuredRates, ratesSchema } from '../../freshness/rates.js';
import { renderPlot } from '../../plot/chart.js';
import { dayData, openDayBench } from '../freshness-bench.js';
import { freshnessConfig } from '../freshness-index.js';
import { type LiveFlags, runLive } from '../freshness-live.js';
import { measureRates } from '../freshness-measure.js';
import { formatDay, jsonOfDay } from '../freshness-text.js';
import { duration, wholeNumber } from '../options.js';
import { openPool } from '../session.js';
import { type CommandContext, printJson } from '../terminal.js';

interface FreshnessFlags extends LiveFlags {
  readonly seed: number;
  readonly hours: number;
  readonly docs: number;
  readonly rates?: string;
  readonly saveRates?: string;
  readonly schedulerDelay: number;
  readonly clusterStart: number;
  readonly sessionStart: number;
  readonly svg: string;
  readonly live?: number;
  readonly json?: true;
}

const EXAMPLE = `
Replays a day of five-to-seven-minute partitions against a scheduled batch job and against the daemon, plain and with kills, outages,
stalls, slow hours and a late exporter. Durations are measured first, on this machine.
With --live nothing is simulated: a feeder process lands partitions, a daemon process indexes them, an open reader tells when it sees them.

Examples:
  $ tidemark bench freshness
  $ tidemark bench freshness --live 4m --every 1s --settle 1s`;

/** Midnight of an ordinary day; nothing hangs on it but names. */
const DAY_START_MS = Date.UTC(2026, 4, 4);

export function addBench(command: Command, context: CommandContext): void {
  command
    .command('freshness')
    .description('how soon a partition is seen: a scheduled batch job and the daemon over the same day')
    .option('--seed <number>', 'seed of the day and its faults', wholeNumber(0), 1)
    .option('--hours <count>', 'length of the day', wholeNumber(1), 24)
    .option('--docs <count>', 'documents of a partition, on average', wholeNumber(1), 2_000)
    .option('--rates <file>', 'durations measured before, instead of measuring')
    .option('--save-rates <file>', 'where to keep the durations measured')
    .option('--scheduler-delay <duration>', 'batch: scheduler', duration, BATCH_DEFAULTS.schedulerDelayMs)
    .option('--cluster-start <duration>', 'batch: making a cluster', duration, BATCH_DEFAULTS.clusterStartMs)
    .option('--session-start <duration>', 'batch: session', duration, BATCH_DEFAULTS.sessionStartMs)
    .option('--svg <file>', 'where the plot goes', 'tidemark-freshness.svg')
    .option('--live <duration>', 'real processes for so long, instead of a replay', duration)
    .option('--every <duration>', 'with --live: the trigger', '1s')
    .option('--settle <duration>', 'with --live: the settle time', '1s')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', EXAMPLE)
    .action((flags: FreshnessFlags) => benchFreshness(flags, context));
}

async function benchFreshness(flags: FreshnessFlags, context: CommandContext): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-freshness-'));
  try {
    if (flags.live !== undefined) await runLive(folder, flags.live, flags, context);
    else await replay(folder, flags, context);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function replay(folder: string, flags: FreshnessFlags, context: CommandContext): Promise<void> {
  const { terminal, signal, clock } = context;
  const measured = flags.rates === undefined ? await measure(folder, flags, context) : readRates(flags.rates);
  const rates = fitRates(measured);
  const { seed, hours, docs } = flags;
  const plan = planDay({ seed, hours, docs, startMs: DAY_START_MS });
  const data = await dayData(folder, plan.arrivals.length, seed, clock, signal);
  const pool = openPool(freshnessConfig(folder, folder, '0s'));
  const models = modelsOf({
    schedulerDelayMs: flags.schedulerDelay,
    clusterStartMs: flags.clusterStart,
    sessionStartMs: flags.sessionStart,
  });
  const results: DayResult[] = [];
  try {
    for (const isDisturbed of [false, true]) {
      for (const model of models) {
        terminal.err(`replaying ${model.name}${isDisturbed ? ', with faults' : ''}`);
        const scratch = join(folder, `day-${results.length}`);
        const openBench = () => {
          if (model.kind === 'batch') throw new TidemarkError('internal', 'a batch job has no stores');
          return openDayBench(scratch, data, model.parameters, DAY_START_MS, pool, signal);
        };
        results.push(await replayDay(plan, model, isDisturbed, rates, seed, openBench));
      }
    }
  } finally {
    data.close();
    await pool.close();
  }
  const title = 'Freshness over a day with kills, outages, stalls, a slow hour and a late exporter';
  writeFileSync(flags.svg, renderPlot(plotDay(shown(results), DAY_START_MS, title)));
  const facts = { results, rates, machine: measured.machine, plan, docs, svg: flags.svg };
  if (flags.json) printJson(terminal, jsonOfDay(facts));
  else terminal.out(formatDay(facts));
}

/** Of the batch job's five, the usual one and the best there can be. */
const PLOTTED_BATCHES = [0, 4];

const shown = (results: readonly DayResult[]) =>
  results
    .filter(({ isDisturbed }) => isDisturbed)
    .filter(({ model }, i) => model.kind === 'daemon' || PLOTTED_BATCHES.includes(i))
    .map((result, i) => (i === 1 ? { ...result, model: { ...result.model, name: BEST_BATCH } } : result));

const BEST_BATCH = 'batch at its best: cluster kept, no scheduler delay, listing at its first task';

async function measure(folder: string, flags: FreshnessFlags, context: CommandContext): Promise<MeasuredRates> {
  context.terminal.err('measuring what runs take');
  const measured = await measureRates(join(folder, 'measure'), flags.docs, context);
  if (flags.saveRates !== undefined) writeFileSync(flags.saveRates, `${JSON.stringify(measured, undefined, 2)}\n`);
  return measured;
}

function readRates(path: string): MeasuredRates {
  try {
    return ratesSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new TidemarkError('usage', `--rates: ${path} holds no measured durations: ${(cause as Error).message}`, {
      fix: 'name a file that --save-rates has written',
      cause,
    });
  }
}
