/**
 * What past runs taught, kept as `runs/rates.json`: the last samples of each cost, so that a restart, or another machine, does not
 * begin from defaults. An object that is not there, or not what it should be, is no history and no failure.
 */
import { z } from 'zod';
import { RATES_KEY } from '../manifest/names.js';
import { COST_NAMES, COSTS, type CostHistory, type CostName, NO_HISTORY } from './cost-model.js';
import type { Sample } from './linear-fit.js';

/** 1: the first. Another one is read as no history. */
const HISTORY_FORMAT = 1;
/** Samples kept of each cost: enough that a third may be spoilt, few enough to follow a machine that changes within the hour. */
export const SAMPLES_KEPT = 32;

/** History of one index. */
export interface RunHistory extends CostHistory {
  /** Runs in a row that were abandoned at their deadline. */
  readonly abandoned: number;
}

export const EMPTY_HISTORY: RunHistory = { ...NO_HISTORY, abandoned: 0 };

const sampleSchema = z.object({ amounts: z.array(z.number().nonnegative()).min(1), value: z.number().positive() });

const historySchema = z.object({
  format: z.literal(HISTORY_FORMAT),
  /** Rates hang on them: those of another number of threads are not believed. */
  threads: z.int().positive(),
  abandoned: z.int().nonnegative(),
  ratios: z.array(z.number().positive()),
  samples: z.partialRecord(z.enum(COST_NAMES as [CostName, ...CostName[]]), z.array(sampleSchema)),
});

/** Where a history is kept: the two calls of a store that it takes. */
export interface HistoryStore {
  stat(key: string, signal?: AbortSignal): Promise<object | undefined>;
  read(key: string, options?: { readonly signal?: AbortSignal }): Promise<Uint8Array>;
}

/** Reads it; anything wrong with it, the store included, is an empty one. */
export async function readHistory(store: HistoryStore, threads: number, signal?: AbortSignal): Promise<RunHistory> {
  try {
    if ((await store.stat(RATES_KEY, signal)) === undefined) return EMPTY_HISTORY;
    return decodeHistory(await store.read(RATES_KEY, signal === undefined ? {} : { signal }), threads);
  } catch {
    signal?.throwIfAborted();
    return EMPTY_HISTORY;
  }
}

/** The history in these bytes; an empty one where they are broken or speak of another number of threads. */
export function decodeHistory(bytes: Uint8Array, threads: number): RunHistory {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return EMPTY_HISTORY;
  }
  const parsed = historySchema.safeParse(json);
  if (!parsed.success) return EMPTY_HISTORY;
  const { samples, ratios, abandoned } = parsed.data;
  if (parsed.data.threads !== threads) return { ...EMPTY_HISTORY, abandoned };
  const known = Object.entries(samples) as [CostName, readonly Sample[]][];
  const sound = known.map(([name, list]) => [
    name,
    list.filter(({ amounts }) => amounts.length === COSTS[name].defaults.length).slice(-SAMPLES_KEPT),
  ]);
  return { samples: Object.fromEntries(sound), ratios: ratios.slice(-SAMPLES_KEPT), abandoned };
}

export function encodeHistory({ samples, ratios, abandoned }: RunHistory, threads: number): Uint8Array {
  return new TextEncoder().encode(
    `${JSON.stringify({ format: HISTORY_FORMAT, threads, abandoned, ratios, samples })}\n`,
  );
}

/** The history with one more run in it. A sample that came to nothing teaches nothing. */
export function addRun(
  history: RunHistory,
  samples: readonly (readonly [CostName, Sample])[],
  ratio: number | undefined,
): RunHistory {
  const next: Partial<Record<CostName, readonly Sample[]>> = { ...history.samples };
  for (const [name, sample] of samples) {
    if (!(sample.value > 0) || !sample.amounts.some((amount) => amount > 0)) continue;
    next[name] = [...(next[name] ?? []), sample].slice(-SAMPLES_KEPT);
  }
  const isRatio = ratio !== undefined && Number.isFinite(ratio) && ratio > 0;
  const ratios = isRatio ? [...history.ratios, ratio].slice(-SAMPLES_KEPT) : history.ratios;
  return { samples: next, ratios, abandoned: 0 };
}
