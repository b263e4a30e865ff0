/** A deadline shared out: how long each phase may take so that the run still ends in time. */
import { PREDICTED_PHASES, type PredictedPhase, type Prediction } from './cost-model.js';

export type Budgets = Readonly<Record<PredictedPhase, number>>;

/**
 * What is left is given to the phases in proportion to what they are expected to take, so that each has the same share of the slack
 * (or of the lack). They add up to what is left; nothing is left of a deadline that has passed.
 */
export function shareOut({ phases, totalMs }: Prediction, remainingMs: number): Budgets {
  const factor = totalMs > 0 ? Math.max(0, remainingMs) / totalMs : 0;
  return Object.fromEntries(PREDICTED_PHASES.map((phase) => [phase, phases[phase] * factor])) as Record<
    PredictedPhase,
    number
  >;
}

/** `expects 12.3 s of 30.0 s: read 2.1, build 6.0, ..`; seconds, as people plan by them. */
export function tellPrediction({ phases, totalMs }: Prediction, remainingMs: number): string {
  const parts = PREDICTED_PHASES.map((phase) => `${phase} ${seconds(phases[phase])}`);
  return `expects ${seconds(totalMs)} s of ${seconds(remainingMs)} s: ${parts.join(', ')}`;
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(Math.abs(ms) < 1_000 ? 2 : 1);
