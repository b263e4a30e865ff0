/** What a run saw of the source, in words: each thing once, when it is new, not at every tick. */
import type { RunReport } from '../coordinator/report.js';
import type { Log } from '../telemetry/log.js';

/** Partitions named in one line; more of them are counted. */
const NAMED = 5;

export class CoverageLog {
  /** What was told of the state that the last run saw. */
  #told: ReadonlySet<string> = new Set();

  tell(log: Log, index: string, report: RunReport): void {
    const told = new Set<string>();
    const once = (key: string, tell: () => void) => {
      if (!this.#told.has(key)) tell();
      told.add(key);
    };
    for (const { time, reason, detail } of report.skipped) {
      if (reason !== 'quarantined') continue;
      once(`quarantined ${time}`, () =>
        log.warn({ event: 'quarantined', index, time }, `partition passed over: ${detail}`),
      );
    }
    for (const { time, prefix } of report.future) {
      once(`future ${prefix}`, () =>
        log.warn({ event: 'future', index, time, prefix }, `${prefix} lies too far in the future and is left alone`),
      );
    }
    const waiting = report.skipped.filter(({ reason }) => reason === 'not-ready');
    if (waiting.length > 0) {
      const count = waiting.length;
      const few = waiting.slice(-NAMED).map(({ time, detail }) => `${time}: ${detail}`);
      const text = `${count === 1 ? '1 partition is' : `${count} partitions are`} not ready; the newest: ${few.join('; ')}`;
      // A partition that settles says another age every time.
      once(`not-ready ${count} ${waiting.at(-1)!.time}`, () => log.info({ event: 'not-ready', index, count }, text));
    }
    this.#told = told;
    for (const time of report.late) log.warn({ event: 'late', index, time }, 'a covered partition changed: read again');
    if (report.newlyLate.length === 0) return;
    const few = report.newlyLate.slice(0, NAMED).map(({ time, what }) => `${time} is ${what}`);
    log.error(
      { event: 'late-beyond-base', index, found: report.newlyLate.length, lateBeyondBase: report.lateBeyondBase },
      `the base holds partitions that are others by now: ${few.join(', ')}; only a new base heals this: tidemark build --base`,
    );
  }
}
