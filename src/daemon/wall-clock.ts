/**
 * Watches the wall clock against the monotonic one. Ticks follow the monotonic clock, so a wall clock that is set moves none of
 * them; but partition times, ages and names come from the wall clock, and whoever reads the log has to be told.
 */
import type { Clock } from '../base/time.js';
import type { Log } from '../telemetry/log.js';

/** A time server's small steps and slews between two looks are no jump. */
const TOLERANCE_MS = 1_000;

export class WallClockWatch {
  /** Wall time at the monotonic clock's zero. */
  #offsetMs: number;

  constructor(
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.#offsetMs = clock.now() - clock.elapsed();
  }

  /** How far the wall clock moved on its own since the last look, ms: told where it is more than a step of a time server. */
  look(): number {
    const offsetMs = this.clock.now() - this.clock.elapsed();
    const jumpMs = offsetMs - this.#offsetMs;
    this.#offsetMs = offsetMs;
    if (Math.abs(jumpMs) <= TOLERANCE_MS) return 0;
    const seconds = Math.round(Math.abs(jumpMs) / 1_000);
    const sentence =
      jumpMs < 0
        ? `the wall clock was set back by ${seconds} s; ticks go on by the monotonic clock, and objects newer than the clock wait until it has caught up or a newer partition is there`
        : `the wall clock went ahead by ${seconds} s, set or while the machine slept; ticks go on by the monotonic clock`;
    this.log.warn({ event: 'clock', jumpMs: Math.round(jumpMs) }, sentence);
    return jumpMs;
  }
}
