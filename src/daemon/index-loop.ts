/** One index's life in the daemon: a run a tick, one after the other, earlier where a hint says so. */
import type { Clock } from '../base/time.js';
import type { Log } from '../telemetry/log.js';
import type { Drain } from './drain.js';
import { nextTick, type SkipReason, wokenTick } from './grid.js';
import type { Hints } from './hints.js';
import type { Tally } from './tally.js';

/** What became of one run, as far as the loop cares. */
export interface RunEnd {
  /** `done`: nothing is left to do, and none was asked for. */
  readonly result: 'ok' | 'failed' | 'abandoned' | 'done';
}

export interface IndexLoopOptions {
  readonly name: string;
  readonly everyMs: number;
  /** When tick 0 is due, on the monotonic clock. */
  readonly startMs: number;
  readonly firstTick: number;
  readonly maxTicks: number | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends the loop, and the run at work, at once. */
  readonly signal: AbortSignal;
  readonly drain: Drain;
  readonly hints: Hints | undefined;
  readonly tally: Tally;
  /** Does the run; fails only where the index is lost to this daemon. */
  readonly run: (tick: number) => Promise<RunEnd>;
}

/** What comes next: a tick of the grid, a run between two ticks, which belongs to the one before it, or the end. */
type Occasion = { readonly kind: 'tick' | 'hint'; readonly tick: number } | { readonly kind: 'leave' };

/** Runs until the signal aborts, the daemon drains, or a run says that all is done. */
export async function runIndexLoop(options: IndexLoopOptions): Promise<void> {
  const { name, clock, signal, drain, hints, tally, startMs, everyMs } = options;
  let lastRunMs = Number.NEGATIVE_INFINITY;
  let tick = options.firstTick;
  for (;;) {
    const occasion = await nextOccasion(options, tick, lastRunMs);
    if (occasion.kind === 'leave') return;
    lastRunMs = clock.elapsed();
    hints?.begin(lastRunMs);
    drain.begin(name);
    let end: RunEnd;
    try {
      end = await options.run(occasion.tick);
    } finally {
      drain.end(name);
    }
    tally.ran(occasion.kind, end.result === 'failed');
    const next = nextTick(occasion.tick, clock.elapsed() - startMs, everyMs);
    noteSkipped(options, end.result === 'abandoned' ? 'abandoned' : 'busy', next.skipped);
    tick = next.tick;
    tally.next(tick);
    if (end.result === 'done' || signal.aborted || tally.ticks === options.maxTicks) return;
  }
}

const REASONS: Readonly<Record<SkipReason, string>> = {
  busy: 'runs took longer than a tick',
  abandoned: 'a run was given up after more than a tick',
  paused: 'the process did not get to run for more than a tick: stopped, starved or asleep',
};

function noteSkipped({ name, log, tally }: IndexLoopOptions, reason: SkipReason, ticks: number): void {
  if (ticks === 0) return;
  const total = tally.skip(reason, ticks);
  log.warn({ event: 'skipped', index: name, reason, ticks, total }, REASONS[reason]);
}

/** Waits for the tick, a hint that falls before it, or leave to go. */
async function nextOccasion(options: IndexLoopOptions, tick: number, lastRunMs: number): Promise<Occasion> {
  const { clock, signal, drain, hints, tally, startMs, everyMs } = options;
  for (;;) {
    if (signal.aborted || drain.mayLeave) return { kind: 'leave' };
    const now = clock.elapsed();
    const dueMs = startMs + tick * everyMs;
    if (now >= dueMs) {
      const woken = wokenTick(tick, now - startMs, everyMs);
      noteSkipped(options, 'paused', woken.skipped);
      tally.next(woken.tick);
      return { kind: 'tick', tick: woken.tick };
    }
    const hintMs = hints?.dueMs(lastRunMs) ?? Number.POSITIVE_INFINITY;
    if (now >= hintMs) return { kind: 'hint', tick: tick - 1 };
    await sleepUnlessCalled(options, Math.min(dueMs, hintMs) - now);
  }
}

/** An aborted sleep is no failure: the caller looks again at what there is to do. */
async function sleepUnlessCalled({ clock, signal, drain, hints }: IndexLoopOptions, ms: number): Promise<void> {
  const called = new AbortController();
  const call = () => called.abort();
  const forget = drain.onChange(call);
  hints?.onHint(call);
  signal.addEventListener('abort', call, { once: true });
  try {
    await clock.sleep(ms, called.signal).catch(() => undefined);
  } finally {
    forget();
    hints?.onHint(() => undefined);
    signal.removeEventListener('abort', call);
  }
}
