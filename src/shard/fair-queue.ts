/**
 * Shares a few slots among lanes, by weight: a lane that asked for less than its share goes first, so that a task of an index with
 * little to do waits for one task of a busy one, and not for its whole queue. (Start-time fair queueing; a slot is a thread, the cost of a task
 * the time it takes there, known once it is over.)
 */

/** What a task is taken to cost before one of its lane has ended, µs. */
const FIRST_COST_US = 10_000;
/** Weight of the newest task in a lane's mean. */
const NEWEST = 0.3;

export interface LaneState {
  readonly weight: number;
  /** Service the lane has had, µs over weight, on the scale of `now`. */
  pass: number;
  meanUs: number;
  readonly waiting: (() => void)[];
}

/** Gives the slot back; the cost of the task in µs, or undefined where it failed before it ran. */
export type Leave = (costUs: number | undefined) => void;

export class FairQueue {
  readonly #lanes: LaneState[] = [];
  #free: number;
  /** Pass of the task that got a slot last: where a lane comes in that had nothing to do. */
  #now = 0;

  constructor(slots: number) {
    this.#free = slots;
  }

  /** A lane with a share of `weight`. */
  lane(weight: number): LaneState {
    const lane = { weight, pass: this.#now, meanUs: FIRST_COST_US, waiting: [] };
    this.#lanes.push(lane);
    return lane;
  }

  /** Resolves with a slot, in order within a lane. */
  async enter(lane: LaneState): Promise<Leave> {
    if (lane.waiting.length === 0) lane.pass = Math.max(lane.pass, this.#now);
    await new Promise<void>((grant) => {
      lane.waiting.push(grant);
      this.#grant();
    });
    const takenUs = lane.meanUs;
    return (costUs) => {
      if (costUs !== undefined) {
        lane.pass += (costUs - takenUs) / lane.weight;
        lane.meanUs += (costUs - lane.meanUs) * NEWEST;
      }
      this.#free++;
      this.#grant();
    };
  }

  #grant(): void {
    while (this.#free > 0) {
      const lane = this.#next();
      if (lane === undefined) return;
      this.#free--;
      this.#now = Math.max(this.#now, lane.pass);
      lane.pass += lane.meanUs / lane.weight;
      lane.waiting.shift()!();
    }
  }

  /** The lane that is furthest behind; of several the heaviest. */
  #next(): LaneState | undefined {
    let best: LaneState | undefined;
    for (const lane of this.#lanes) {
      if (lane.waiting.length === 0) continue;
      if (best === undefined || lane.pass < best.pass || (lane.pass === best.pass && lane.weight > best.weight))
        best = lane;
    }
    return best;
  }
}
