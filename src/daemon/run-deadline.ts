/** The deadline of one tick's run, and what is told of it before the work. */
import type { RunOptions } from '../coordinator/run.js';
import { tellPrediction } from '../deadline/budgets.js';
import type { Log } from '../telemetry/log.js';

export interface DeadlineOptions {
  readonly deadlineMs: number;
  readonly onMiss?: 'finish' | 'abandon' | undefined;
  readonly keepMs?: number | undefined;
  readonly log: Log;
}

/** `tickMs` = when the tick was due, on the clock's `elapsed`. */
export function deadlineOptions(
  index: string,
  tickMs: number,
  { deadlineMs, onMiss = 'finish', keepMs, log }: DeadlineOptions,
): Pick<RunOptions, 'deadline' | 'journal' | 'onPlan'> {
  return {
    deadline: { tickMs, budgetMs: deadlineMs, onMiss },
    journal: keepMs === undefined ? undefined : { keepMs },
    onPlan: ({ remainingMs = 0, prediction, decision, model, work, budgets }) => {
      const { way, fits, considered } = decision;
      const evidence = { samples: model.samples, safety: model.safety, work, budgets };
      const fields = { event: 'planned', index, steps: way.steps, fits, ...evidence };
      const told = tellPrediction(prediction, remainingMs);
      if (way.steps.length > 0 || !fits) {
        const verdict = fits ? '' : ', which will be too late';
        const by = way.steps.length === 0 ? 'no step of the ladder helps' : `takes ${way.steps.join(', ')}`;
        log.warn({ ...fields, considered }, `${told}; ${by}${verdict}`);
      } else log.info(fields, told);
    },
  };
}
