/** A day of partitions as an exporter delivers them: seeded, five to seven minutes apart, each landing after its slot is over. */
import { createRandom, normal } from '../gen/random.js';

/** One partition of the day; times in ms since the epoch. */
export interface Arrival {
  /** Partition time: the start of its slot. */
  readonly time: number;
  /** The end of its slot: nothing can deliver it earlier. */
  readonly endsAt: number;
  /** LastModified of its last object. */
  readonly landedAt: number;
  readonly docs: number;
}

export interface DayOptions {
  readonly seed: number;
  /** When the day begins, ms since the epoch, on a full minute. */
  readonly startMs: number;
  readonly hours: number;
  /** Documents of a partition, on average. */
  readonly docs: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Slots are that many minutes long. */
const SLOT_MINUTES = [5, 6, 7] as const;
const MEAN_SLOT_MINUTES = 6;
/** From the end of a slot until its last object is there: an export takes 10 to 50 s. */
const EXPORT_MS = { least: 10_000, most: 50_000 } as const;
/** Deviation of the logarithm of a partition's size: a busy one has one and a half times the usual documents. */
const SIZE_SPREAD = 0.3;
const FIRST_STREAM = 1;

/** The partitions of a day, by time; they land in that order. */
export function arrivalsOfDay({ seed, startMs, hours, docs }: DayOptions): Arrival[] {
  const random = createRandom(seed, FIRST_STREAM);
  const arrivals: Arrival[] = [];
  let time = startMs;
  for (;;) {
    const minutes = SLOT_MINUTES[random.below(SLOT_MINUTES.length)]!;
    const end = time + minutes * MINUTE_MS;
    if (end > startMs + hours * HOUR_MS) return arrivals;
    const landedAt = end + EXPORT_MS.least + random.below(EXPORT_MS.most - EXPORT_MS.least);
    const share = (minutes / MEAN_SLOT_MINUTES) * Math.exp(SIZE_SPREAD * normal(random) - SIZE_SPREAD ** 2 / 2);
    arrivals.push({ time, endsAt: end, landedAt, docs: Math.max(1, Math.round(docs * share)) });
    time = end;
  }
}

/** The same day with an exporter that stood still: what should have landed in the span lands at its end, all at once. */
export function delayArrivals(arrivals: readonly Arrival[], from: number, to: number): Arrival[] {
  return arrivals.map((arrival) =>
    arrival.landedAt >= from && arrival.landedAt < to ? { ...arrival, landedAt: to } : arrival,
  );
}
