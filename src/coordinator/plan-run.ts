/** Before the work: what the run is expected to take, and which way it goes so that it meets its deadline. */
import { type Budgets, shareOut } from '../deadline/budgets.js';
import { type CostModel, fitModel, type Prediction, predict, type Work } from '../deadline/cost-model.js';
import { EMPTY_HISTORY, type RunHistory } from '../deadline/history.js';
import { climb, type DegradeStep, type LadderDecision, type Way } from '../deadline/ladder.js';
import { dot } from '../deadline/linear-fit.js';
import type { Manifest } from '../manifest/manifest.js';
import { findPart, partName } from './build-part.js';
import type { RunContext, RunOptions } from './context.js';
import { layoutFor } from './delta-layout.js';
import { planDelta } from './delta-plan.js';
import { changedPartitions } from './find-work.js';
import { recallHistory } from './run-rates.js';
import type { SelectedPartition, SelectionResult } from './select-partitions.js';
import type { IndexSettings } from './settings.js';

/** By when a run must have committed, and what becomes of it when it will not. */
export interface RunDeadline {
  /** The scheduled tick on the clock's `elapsed`, whenever the run itself began. */
  readonly tickMs: number;
  /** From the tick on. */
  readonly budgetMs: number;
  /** `abandon`: cancelled at the deadline, finished parts kept, and finished after all when two runs in a row were. */
  readonly onMiss: 'finish' | 'abandon';
}

/** The evidence and the decision: what is logged before the work, and journalled after it. */
export interface RunPlan {
  /** ms until the deadline when it was made; undefined where there is none. */
  readonly remainingMs: number | undefined;
  readonly work: Work;
  readonly model: CostModel;
  readonly decision: LadderDecision;
  readonly prediction: Prediction;
  readonly budgets: Budgets | undefined;
}

export interface PlannedRun {
  /** Undefined where nobody asked for a deadline or a journal. */
  readonly plan: RunPlan | undefined;
  readonly history: RunHistory;
  /** The same, with what the ladder changes. */
  readonly context: RunContext;
  readonly selected: SelectionResult;
}

export async function planRun(
  context: RunContext,
  selected: SelectionResult,
  previous: Manifest | undefined,
  settings: IndexSettings,
  options: RunOptions,
): Promise<PlannedRun> {
  const { deadline } = options;
  if (deadline === undefined && options.journal === undefined) {
    return { plan: undefined, history: EMPTY_HISTORY, context, selected };
  }
  const history = await recallHistory(context.index, context.pool.threads, context.signal);
  const model = fitModel(history);
  const found = await lookAhead(context, selected, previous);
  const cut = (way: Way) => (way.until === undefined ? selected : selected.endingAt(way.until));
  const layout = options.base ? 'window' : layoutFor(context, settings.delta, previous);
  const mayTier = layout === 'window' && settings.delta?.layout === 'auto' && !options.base;
  const layoutOf = ({ steps }: Way) => (steps.includes('tiered') ? 'tiered' : layout);
  const workOf = (way: Way): Work => ({
    ...workFor(context, cut(way).selection.partitions, options.base ? undefined : previous, found, layoutOf(way)),
    isStoredFast: way.steps.includes('stored-fast'),
  });
  const remainingMs =
    deadline === undefined ? undefined : deadline.tickMs + deadline.budgetMs - context.clock.elapsed();
  const decision = climb({
    remainingMs: remainingMs ?? Number.POSITIVE_INFINITY,
    safety: model.safety,
    available: availableSteps(context, options, mayTier),
    cuts: options.base ? [] : cutsOf(selected, previous),
    predict: (way) => predict(model, workOf(way)),
  });
  const { way, prediction } = decision;
  const budgets = remainingMs === undefined ? undefined : shareOut(prediction, remainingMs);
  const plan = { remainingMs, work: workOf(way), model, decision, prediction, budgets };
  options.onPlan?.(plan);
  context.notes.steps.push(...way.steps);
  const stored = way.steps.includes('stored-fast') ? context.storedChoices.at(-1)! : context.stored;
  const foldFits = mayTier && layoutOf(way) === 'window' ? foldForecast(context, model, deadline) : undefined;
  return { plan, history, context: { ...context, stored, layout: layoutOf(way), foldFits }, selected: cut(way) };
}

/** The second look, once the parts are built: by then it is known how large they are and what time is left. */
function foldForecast(
  { clock }: RunContext,
  { rates, safety }: CostModel,
  deadline: RunDeadline | undefined,
): RunContext['foldFits'] {
  if (deadline === undefined) return undefined;
  return (inputs, bytes, newDocs) => {
    const expectedMs = dot(rates.merge, [inputs, bytes]) + dot(rates.seal, [1, newDocs]) + dot(rates.commit, [1]);
    return clock.elapsed() + expectedMs * safety <= deadline.tickMs + deadline.budgetMs;
  };
}

/** A part that is not committed yet: its size where it is cached, what it is made from where it is not. */
interface NewPart {
  readonly cached?: { readonly bytes: number; readonly docs: number } | undefined;
  readonly objects: number;
  readonly inputBytes: number;
}

/** Looks up only what the manifest does not name: those may have been built by a run that did not get to its commit. */
async function lookAhead(
  context: RunContext,
  selected: SelectionResult,
  previous: Manifest | undefined,
): Promise<ReadonlyMap<number, NewPart>> {
  const found = new Map<number, NewPart>();
  for (const partition of changedPartitions(context, previous, selected)) {
    const { objects, time } = partition;
    const record = await findPart(context, partition);
    const inputBytes = objects.reduce((sum, { size }) => sum + size, 0);
    found.set(time, { cached: record?.segment, objects: objects.length, inputBytes });
  }
  return found;
}

/** What is to be done for a selection. Committed parts share the delta's bytes evenly, as far as a forecast goes. */
function workFor(
  context: RunContext,
  partitions: readonly SelectedPartition[],
  previous: Manifest | undefined,
  found: ReadonlyMap<number, NewPart>,
  layout: 'window' | 'tiered',
): Omit<Work, 'isStoredFast'> {
  const named = partitions.map((partition) => ({ time: partition.time, part: partName(context, partition) }));
  const made = planDelta(layout, previous, named).filter(({ kept }) => kept === undefined);
  const merged = made.filter(({ times }) => times.length > 1).flatMap(({ times }) => times);
  const partOf = (time: number) => found.get(time);
  const fresh = partitions.map(({ time }) => partOf(time)).filter((part) => part !== undefined);
  const unbuilt = fresh.filter(({ cached }) => cached === undefined);
  const sum = (parts: readonly NewPart[], amount: (part: NewPart) => number) =>
    parts.reduce((total, part) => total + amount(part), 0);
  const deltaBytes = (previous?.delta.segments ?? []).reduce((total, entry) => total + entry.bytes, 0);
  const partBytes = deltaBytes / Math.max(1, previous?.coverage.partitions.length ?? 0);
  return {
    partitions: made.reduce((count, { times }) => count + times.length, 0),
    newParts: unbuilt.length,
    objects: sum(unbuilt, ({ objects }) => objects),
    inputBytes: sum(unbuilt, ({ inputBytes }) => inputBytes),
    mergeInputs: merged.length,
    mergeBytes: merged.reduce(
      (total, time) => total + (found.has(time) ? (partOf(time)!.cached?.bytes ?? 0) : partBytes),
      0,
    ),
    mergesNew: merged.some((time) => found.has(time) && partOf(time)!.cached === undefined),
    keys: sum(fresh, ({ cached }) => cached?.docs ?? 0),
  };
}

function availableSteps(
  { storedChoices }: RunContext,
  { base }: RunOptions,
  mayTier: boolean,
): ReadonlySet<DegradeStep> {
  const steps = new Set<DegradeStep>();
  // A base lives long: neither its size nor its reach is traded for one deadline.
  if (base) return steps;
  if (storedChoices.length > 1) steps.add('stored-fast');
  // A configured layout is kept; `auto` leaves it to the run.
  if (mayTier) steps.add('tiered');
  return steps.add('fewer-partitions');
}

/** Ends at which a shorter run moves the watermark all the same, newest first, the whole run itself left out. */
function cutsOf(selected: SelectionResult, previous: Manifest | undefined): number[] {
  const watermark = previous?.watermark ?? Number.NEGATIVE_INFINITY;
  const fresh = selected.selection.fresh.map(({ time }) => time).filter((time) => time > watermark);
  return fresh.slice(0, -1).reverse();
}
