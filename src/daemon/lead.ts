/**
 * Which epoch a daemon commits under. It takes the lead by committing the next one; from then on a higher epoch in the
 * index means that another daemon has taken over.
 */
import { TidemarkError } from '../base/errors.js';
import type { RunReport } from '../coordinator/report.js';
import { readNewest } from '../manifest/newest.js';
import type { Store } from '../store/store.js';

export class Lead {
  /** The epoch held; undefined before the first commit. */
  #held: number | undefined;
  /** The generation seen when the epoch was asked for. */
  #generation = 0;

  /** `held` = an epoch that this process has taken already. */
  constructor(
    private readonly index: Store,
    held?: number,
  ) {
    this.#held = held;
  }

  /** The epoch of the run to come; fails with code `fenced` when another daemon leads. One or two requests. */
  async epoch(signal: AbortSignal): Promise<number> {
    const newest = await readNewest(this.index, { atLeast: this.#generation, signal });
    this.#generation = newest?.generation ?? 0;
    const epoch = newest?.epoch ?? 0;
    if (this.#held === undefined) return epoch + 1;
    if (epoch <= this.#held) return this.#held;
    throw new TidemarkError('fenced', `generation ${newest!.generation} was committed under epoch ${epoch}`, {
      where: { index: this.index.uri, 'own epoch': this.#held },
      fix: 'another daemon has taken over; this one must stop',
    });
  }

  /**
   * Notes a run's commit. Where another writer came in between, it may be a daemon that took the very same epoch: then
   * the lead is not held yet, and the next run takes a higher one, which fences the other.
   */
  noteRun({ committed, generation }: RunReport, epoch: number): void {
    if (committed && (this.#held !== undefined || generation === this.#generation + 1)) this.#held = epoch;
  }
}
