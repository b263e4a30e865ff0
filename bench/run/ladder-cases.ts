/** What the degrade ladder does with more than fits the deadline: real runs over a cached window, each from the same state of the index. */
import { rmSync } from 'node:fs';
import { TidemarkError } from '#src/base/errors.js';
import { systemClock } from '#src/base/time.js';
import type { RunPlan } from '#src/coordinator/plan-run.js';
import type { Pool } from '#src/shard/pool.js';
import { type OpenIndex, timedRun } from '../harness/index-run.js';
import type { Table } from '../harness/scenario.js';

export interface LadderRig {
  readonly index: OpenIndex;
  readonly pool: Pool;
  readonly deadlineMs: number;
  readonly docsPerFile: number;
  /** Seconds after which no further run is begun. */
  readonly budgetS: number;
  /** Folders of the partitions that come next, oldest first. */
  readonly places: readonly string[];
  /** Puts a partition of so many files into a folder. */
  fill(folder: string, files: number): Promise<void>;
  /** Takes the index back to its window. */
  restore(): void;
}

export interface LadderRun {
  readonly name: string;
  /** Documents that wait when the run begins. */
  readonly docs: number;
  readonly plan: RunPlan | undefined;
  readonly outcome: string;
  readonly ms: number;
  /** Documents of parts that the run built; of an abandoned one unknown. */
  readonly builtDocs: number | undefined;
}

/** Abandoned runs in a row end by themselves at the third; one more would be a mistake. */
const MAX_RUNS = 4;

/** `files` = the largest partition that met the deadline. */
export async function runLadder(rig: LadderRig, files: number, log: (line: string) => void): Promise<LadderRun[]> {
  const cases: readonly [name: string, sizes: readonly number[], onMiss: 'finish' | 'abandon'][] = [
    ['the largest partition', [files], 'finish'],
    ['one of twice that', [2 * files], 'finish'],
    ['one of twice that, abandon', [2 * files], 'abandon'],
    ['two of the largest', [files, files], 'finish'],
  ];
  const runs: LadderRun[] = [];
  const end = performance.now() + rig.budgetS * 1_000;
  for (const [name, sizes, onMiss] of cases) {
    for (const [i, size] of sizes.entries()) await rig.fill(rig.places[i]!, size);
    let waiting = sizes.reduce((sum, size) => sum + size * rig.docsPerFile, 0);
    for (let n = 1; n <= MAX_RUNS && waiting > 0 && performance.now() < end; n++) {
      const run = await ladderRun(rig, `${name}, run ${n}`, waiting, onMiss);
      log(`${run.name}: ${run.outcome} in ${run.ms.toFixed(0)} ms`);
      runs.push(run);
      if (run.builtDocs !== undefined) waiting -= Math.max(run.builtDocs, run.outcome === 'nothing new' ? waiting : 0);
    }
    rig.restore();
    for (const place of rig.places) rmSync(place, { recursive: true, force: true });
  }
  return runs;
}

async function ladderRun(
  { index, pool, deadlineMs }: LadderRig,
  name: string,
  docs: number,
  onMiss: 'finish' | 'abandon',
): Promise<LadderRun> {
  let plan: RunPlan | undefined;
  const onPlan = (made: RunPlan) => {
    plan = made;
  };
  const tickMs = systemClock.elapsed();
  try {
    const { report, wallMs } = await timedRun(index, pool, {
      deadline: { tickMs, budgetMs: deadlineMs, onMiss },
      onPlan,
    });
    const outcome = report.committed ? report.outcome : 'nothing new';
    return { name, docs, plan, outcome, ms: wallMs, builtDocs: report.builtDocs };
  } catch (error) {
    if (!(error instanceof TidemarkError) || error.code !== 'deadline') throw error;
    return { name, docs, plan, outcome: 'abandoned', ms: systemClock.elapsed() - tickMs, builtDocs: undefined };
  }
}

export function ladderTable(runs: readonly LadderRun[]): Table {
  return {
    title: 'The degrade ladder',
    columns: ['case', 'documents waiting', 'expected ms', 'safety', 'steps', 'outcome', 'ms'],
    rows: runs.map(({ name, docs, plan, outcome, ms }) => [
      name,
      docs,
      plan === undefined ? '-' : Math.round(plan.prediction.totalMs),
      plan === undefined ? '-' : Number(plan.model.safety.toFixed(2)),
      plan === undefined || plan.decision.way.steps.length === 0 ? 'none' : plan.decision.way.steps.join(', '),
      outcome,
      Math.round(ms),
    ]),
  };
}
