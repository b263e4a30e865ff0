/** Latencies as a high dynamic range histogram: three figures kept at every magnitude, whatever the number of runs. */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

/** What is told of a distribution of latencies, in ms. */
export interface LatencySummary {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Histograms hold microseconds: whole numbers, and finer than any timer that a run waits for. */
const US_A_MS = 1_000;
/** An hour; a latency beyond it would be clamped, so it is refused. */
const HIGHEST_US = 3_600e6;

/** Node's own HDR histogram (Tene's HdrHistogram in C), over ms. */
export class LatencyHistogram {
  readonly #histogram: RecordableHistogram = createHistogram({ lowest: 1, highest: HIGHEST_US, figures: 3 });

  /** Adds one latency in ms; below a microsecond counts as one. */
  record(ms: number): void {
    if (!(ms >= 0 && ms * US_A_MS <= HIGHEST_US)) throw new RangeError(`${ms} ms is no latency`);
    this.#histogram.record(Math.max(1, Math.round(ms * US_A_MS)));
  }

  /** Latency in ms that a share `at` (above 0, to 1) of all lie at or below. */
  quantile(at: number): number {
    return this.#histogram.percentile(at * 100) / US_A_MS;
  }

  get summary(): LatencySummary {
    const count = this.#histogram.count;
    const max = count === 0 ? 0 : this.#histogram.max / US_A_MS;
    return { count, p50: this.quantile(0.5), p95: this.quantile(0.95), p99: this.quantile(0.99), max };
  }

  /** Points of the curve latency over share, denser towards the end, as HDR plots have it. */
  get curve(): readonly { readonly share: number; readonly ms: number }[] {
    return [...this.#histogram.percentiles].map(([percentile, us]) => ({ share: percentile / 100, ms: us / US_A_MS }));
  }
}

/** Summary of some latencies in ms. */
export function summarize(latencies: readonly number[]): LatencySummary {
  const histogram = new LatencyHistogram();
  for (const ms of latencies) histogram.record(ms);
  return histogram.summary;
}
