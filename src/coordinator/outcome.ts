/** How a run kept its deadline: `met`, `degraded` (by which step) or `missed`. */
import type { Manifest } from '../manifest/manifest.js';
import type { RunContext, RunOptions } from './context.js';

export type Outcome = Pick<Manifest, 'outcome' | 'degradeStep'>;

/**
 * As things stand; `aheadMs` = what is still to come. A manifest has to say it before its own write, so that there the commit is a
 * forecast; the run's report says what came of it.
 */
export function outcomeNow(
  { clock, notes }: Pick<RunContext, 'clock' | 'notes'>,
  { deadline }: Pick<RunOptions, 'deadline'>,
  aheadMs: number,
): Outcome {
  const step = notes.steps.at(-1);
  const taken = step === undefined ? {} : { degradeStep: step };
  const isLate = deadline !== undefined && clock.elapsed() + aheadMs > deadline.tickMs + deadline.budgetMs;
  if (isLate) return { outcome: 'missed', ...taken };
  return { outcome: step === undefined ? 'met' : 'degraded', ...taken };
}
