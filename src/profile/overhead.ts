/** What recording costs: the same run without and with it, in turns. */

/** What one run took. */
export interface RunCost {
  readonly wallMs: number;
  /** CPU time of the whole process: what the sampling threads take is in it. On a machine that others use too, it is the steadier one. */
  readonly cpuMs: number;
}

export interface OverheadPair {
  readonly plain: RunCost;
  readonly recorded: RunCost;
}

/** Recorded over plain: the median of the pairs' ratios, and their spread. */
export interface Ratio {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface Overhead {
  readonly pairs: readonly OverheadPair[];
  readonly wall: Ratio;
  readonly cpu: Ratio;
}

/** Runs `count` pairs; which of the two goes first changes from pair to pair, so that a drift of the machine favours neither. */
export async function measureOverhead(
  count: number,
  plain: () => Promise<RunCost>,
  recorded: () => Promise<RunCost>,
): Promise<Overhead> {
  const pairs: OverheadPair[] = [];
  for (let pair = 0; pair < count; pair++) {
    if (pair % 2 === 0) {
      const first = await plain();
      pairs.push({ plain: first, recorded: await recorded() });
    } else {
      const first = await recorded();
      pairs.push({ plain: await plain(), recorded: first });
    }
  }
  return { pairs, wall: ratioOf(pairs, 'wallMs'), cpu: ratioOf(pairs, 'cpuMs') };
}

function ratioOf(pairs: readonly OverheadPair[], cost: keyof RunCost): Ratio {
  const ratios = pairs.map(({ plain, recorded }) => recorded[cost] / plain[cost]).sort((a, b) => a - b);
  return { median: medianOf(ratios), min: ratios[0]!, max: ratios.at(-1)! };
}

/** Of sorted numbers, at least one. */
function medianOf(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
