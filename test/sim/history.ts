/** Plays one history and says whether everything held. */
import { CommitChecks } from './checks.js';
import type { FaultCounts } from './faults.js';
import { requireWhole } from './final-checks.js';
import { Fleet } from './fleet.js';
import { EVERY_MS, type Plan } from './plan.js';
import { seededRandom } from './random.js';
import { must, Violation } from './violation.js';
import { type Created, World } from './world.js';

export interface HistoryResult {
  readonly violation: Violation | undefined;
  readonly generations: number;
  /** What happened, line by line; only where it was asked for. */
  readonly lines: readonly string[];
}

/** Room for the run that a tick begins. */
const RUN_MS = 2_000;

export async function playHistory(plan: Plan, counts: FaultCounts, verbose = false): Promise<HistoryResult> {
  const created: Created[] = [];
  const refused: Violation[] = [];
  let generations = 0;
  const world: World = new World(
    plan,
    counts,
    {
      onManifest: (one) => {
        created.push(one);
        fleet.noteCommit(one.by, ++generations);
      },
      onIndexPut: ({ key }, bytes, replaced) => {
        if (!replaced || !/\.(tms|tmk)$/.test(key)) return;
        const before = world.index.revisions.get(key)!.at(-2)!.bytes;
        if (Buffer.compare(before, bytes) === 0) return;
        refused.push(new Violation('same name, same bytes', key));
      },
      onIndexDelete: (key) => {
        world.count('collected');
        const needed = needOf(world, key);
        if (needed !== undefined)
          refused.push(new Violation('nothing that is named is collected', `${key}: ${needed}`));
      },
    },
    verbose,
  );
  const fleet = new Fleet(world, plan.incidents);
  const checks = new CommitChecks(world);
  const afterStep = (): Promise<void> | undefined => {
    const failure = fleet.failure ?? refused[0];
    if (failure !== undefined) throw failure;
    return created.length === 0 ? undefined : checkAll();
  };
  const checkAll = async () => {
    for (let one = created.shift(); one !== undefined; one = created.shift()) await checks.check(one);
  };
  const chance = Math.random;
  Math.random = seededRandom(plan.seed ^ 0x7e57).next;
  let violation: Violation | undefined;
  try {
    const wholeAt = plan.calmAt + plan.config.settleMs + 2 * EVERY_MS + RUN_MS;
    await world.scheduler.runUntil(wholeAt, afterStep);
    await requireWhole(world);
    const before = generations;
    await world.scheduler.runUntil(wholeAt + EVERY_MS, afterStep);
    must(generations === before, 'a tick with nothing new writes nothing', () => `${generations - before} generations`);
  } catch (error) {
    violation =
      error instanceof Violation ? error : new Violation('no error but in words', String((error as Error).stack));
  } finally {
    Math.random = chance;
    fleet.end();
  }
  return { violation, generations, lines: world.lines };
}

/** Why an object has to stay; undefined where nobody can need it. Probes and the like have no hash. */
function needOf({ plan, scheduler, generations }: World, key: string): string | undefined {
  const { keepMs, coarseTimes } = plan.config;
  if (keepMs === undefined) return 'nothing is ever to be collected';
  const hash = /\/([0-9a-f]{32})\./.exec(key)?.[1];
  const oldest = scheduler.now - keepMs + (coarseTimes ? 1_000 : 0);
  const retained = generations.filter(({ supersededAt }) => supersededAt > oldest);
  return retained.find((one) => one.key === key || (hash !== undefined && one.hashes.has(hash)))?.key;
}
