/**
 * When a daemon is to be replaced by a fresh process: by age, or because its memory keeps growing. Looked at after every
 * tick, so that a restart falls on a tick boundary.
 */
import { type MemorySample, memoryTrend } from './memory-trend.js';

export interface RestartRule {
  readonly everyMs: number | 'never';
  /** Growth of resident memory that a daemon should not show, bytes an hour. */
  readonly memoryGrowthBytes: number | 'never';
}

/** Samples that the trend is fitted over: enough that one large partition does not look like a leak. */
const MAX_SAMPLES = 240;
/** Fewer say nothing. */
const MIN_SAMPLES = 30;
/** The warm-up of a process is growth too: caches, compiled code, memory of results. */
const WARM_UP_MS = 10 * 60_000;
/** Share of the samples' spread that the line must explain. */
const MIN_FIT = 0.6;
const HOUR_MS = 3_600_000;

export class RestartPlan {
  readonly #samples: MemorySample[] = [];

  /** @param bornMs when the process began, on the monotonic clock */
  constructor(
    private readonly rule: RestartRule,
    private readonly bornMs: number,
  ) {}

  /** Looks at the process after a tick; gives the reason in words once it is time to go. */
  due(elapsedMs: number, rssBytes: number): string | undefined {
    const ageMs = elapsedMs - this.bornMs;
    if (this.rule.everyMs !== 'never' && ageMs >= this.rule.everyMs) {
      return `the process is ${Math.round(ageMs / 1_000)} s old (restart.every)`;
    }
    if (this.rule.memoryGrowthBytes === 'never' || ageMs < WARM_UP_MS) return undefined;
    this.#samples.push({ atMs: elapsedMs, bytes: rssBytes });
    if (this.#samples.length > MAX_SAMPLES) this.#samples.shift();
    if (this.#samples.length < MIN_SAMPLES) return undefined;
    const { bytesPerMs, fit } = memoryTrend(this.#samples);
    const bytesPerHour = bytesPerMs * HOUR_MS;
    if (bytesPerHour < this.rule.memoryGrowthBytes || fit < MIN_FIT) return undefined;
    const mib = Math.round(bytesPerHour / 2 ** 20);
    return `memory grows by ${mib} MiB an hour over the last ${this.#samples.length} ticks (restart.memoryGrowth)`;
  }
}
