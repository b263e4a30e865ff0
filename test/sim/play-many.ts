/** Many histories one after the other, by seed, with all that a person needs to look at the ones that failed. */
import { addCounts, type FaultCounts } from './faults.js';
import { playHistory } from './history.js';
import { type Plan, planHistory } from './plan.js';
import { shrink, without } from './shrink.js';
import type { Violation } from './violation.js';

export interface Failure {
  readonly seed: number;
  readonly check: string;
  readonly message: string;
  /** How to see it again. */
  readonly command: string;
}

export interface Played {
  readonly histories: number;
  readonly generations: number;
  readonly counts: FaultCounts;
  readonly failures: readonly Failure[];
}

export interface PlayOptions {
  readonly first: number;
  readonly histories: number;
  /** Every n-th seed only: so that several processes share them. */
  readonly step?: number;
  /** Ends after this many failures. */
  readonly maxFailures?: number;
  /** Whether failing histories are cut down to what they need. */
  readonly shrinks?: boolean;
}

export async function playMany(options: PlayOptions): Promise<Played> {
  const { first, histories, step = 1, maxFailures = Number.POSITIVE_INFINITY, shrinks = true } = options;
  const counts: FaultCounts = new Map();
  const failures: Failure[] = [];
  let [played, generations] = [0, 0];
  for (let seed = first; seed < first + histories && failures.length < maxFailures; seed += step) {
    const plan = planHistory(seed);
    const fired: FaultCounts = new Map();
    const result = await playHistory(plan, fired);
    addCounts(counts, fired);
    played++;
    generations += result.generations;
    if (result.violation !== undefined) failures.push(await tell(plan, result.violation, shrinks));
    // Histories go on without the event loop; others in this process want it too.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { histories: played, generations, counts, failures };
}

async function tell(plan: Plan, { check, message }: Violation, shrinks: boolean): Promise<Failure> {
  const { seed } = plan;
  const dropped = shrinks ? await shrink(plan, check) : new Set<number>();
  const drop = dropped.size === 0 ? '' : ` --drop ${[...dropped].sort((a, b) => a - b).join(',')}`;
  const command = `npm run soak -- --seed ${seed}${drop} --verbose`;
  const { incidents } = without(plan, dropped);
  return { seed, check, message: `${message}\n  with ${JSON.stringify(incidents)}`, command };
}

export function failureText({ seed, message, command }: Failure): string {
  return `history ${seed} failed: ${message}\n  see it again: ${command}`;
}
