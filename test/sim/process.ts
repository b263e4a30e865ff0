/** One simulated operating-system process: it can be killed at any call, stand still, and have a clock of its own. */
import type { Clock } from '#src/base/time.js';
import type { Scheduler } from './scheduler.js';

/** A kill or a pause that waits for the process's n-th call from now. */
export interface Snare {
  callsLeft: number;
  readonly what:
    | { readonly kind: 'crash'; readonly side: 'before' | 'after' | 'zombie' }
    | { readonly kind: 'pause'; readonly ms: number };
}

export class SimProcess {
  alive = true;
  /** What has reached it while it stands still; undefined while it goes. */
  #waiting: (() => void)[] | undefined;
  /** Wall clock against the store's. */
  skewMs = 0;
  readonly snares: Snare[] = [];
  /** Highest epoch of all manifests that it has read. */
  epochSeen = 0;
  /** When its present attempt of a run began: its first listing of the source since it last looked for the newest manifest. */
  attemptSince = 0;
  hasLookedForManifest = false;
  readonly clock: Clock;

  constructor(
    readonly name: string,
    private readonly scheduler: Scheduler,
    private readonly onKilled: (process: SimProcess) => void,
  ) {
    const bornAt = scheduler.now;
    this.clock = {
      now: () => scheduler.now + this.skewMs,
      elapsed: () => scheduler.now - bornAt,
      sleep: (ms, signal) => this.sleep(ms, signal),
    };
  }

  /** Nothing of it happens any more: what it waits for never comes. */
  kill(): void {
    if (!this.alive) return;
    this.alive = false;
    this.onKilled(this);
  }

  pause(ms: number): void {
    this.#waiting ??= [];
    this.scheduler.at(this.scheduler.now + ms, () => this.resume());
  }

  /** Lets it go on: all that has reached it in the meantime happens at once, in the old order. */
  resume(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const what of waiting) this.deliver(this.scheduler.now, what);
  }

  /** Lets something reach the process at an instant: later if it stands still then, never if it is dead by then. */
  deliver(instant: number, what: () => void): void {
    this.scheduler.at(instant, () => {
      if (!this.alive) return;
      if (this.#waiting === undefined) what();
      else this.#waiting.push(what);
    });
  }

  /** Counts a call; gives what waits for it. */
  meetSnares(): Snare['what'] | undefined {
    for (const snare of this.snares) snare.callsLeft--;
    const met = this.snares.findIndex(({ callsLeft }) => callsLeft < 0);
    return met < 0 ? undefined : this.snares.splice(met, 1)[0]!.what;
  }

  private sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      let isOver = false;
      const end = (settle: () => void) => () => {
        if (isOver) return;
        isOver = true;
        signal?.removeEventListener('abort', onAbort);
        settle();
      };
      const onAbort = () =>
        this.deliver(
          this.scheduler.now,
          end(() => reject(signal?.reason)),
        );
      signal?.addEventListener('abort', onAbort, { once: true });
      this.deliver(this.scheduler.now + ms, end(resolve));
    });
  }
}
