/** Zipf-Mandelbrot: rank r (from 0) has the weight 1 / (r + 1 + shift) ^ exponent, as words, groups and clicks have. */

export interface ZipfOptions {
  readonly ranks: number;
  readonly exponent: number;
  /** Flattens the head: with 0 the first rank alone takes a tenth of a million-word text. */
  readonly shift: number;
}

/** Walker's alias table: one look-up a sample, whatever the distribution. */
export interface RankSampler {
  readonly ranks: number;
  /** Takes two independent uniform numbers in [0, 1). */
  at(place: number, coin: number): number;
}

export function zipfSampler({ ranks, exponent, shift }: ZipfOptions): RankSampler {
  const weights = Float64Array.from({ length: ranks }, (_, rank) => (rank + 1 + shift) ** -exponent);
  const { keep, alias } = aliasTable(weights);
  return {
    ranks,
    at: (place, coin) => {
      const slot = Math.floor(place * ranks);
      return coin < keep[slot]! ? slot : alias[slot]!;
    },
  };
}

/** Vose's method: slots that weigh too little are filled up by one that weighs too much. */
function aliasTable(weights: Float64Array): { readonly keep: Float64Array; readonly alias: Uint32Array } {
  const count = weights.length;
  const scale = count / weights.reduce((sum, weight) => sum + weight, 0);
  const keep = weights.map((weight) => weight * scale);
  const alias = new Uint32Array(count);
  const queue = new Uint32Array(count);
  let smallEnd = 0;
  let largeStart = count;
  for (let slot = 0; slot < count; slot++) {
    if (keep[slot]! < 1) queue[smallEnd++] = slot;
    else queue[--largeStart] = slot;
  }
  // Small slots are a stack at the queue's front, large ones a stack at its back.
  while (smallEnd > 0 && largeStart < count) {
    const small = queue[--smallEnd]!;
    const large = queue[largeStart]!;
    alias[small] = large;
    keep[large] = keep[large]! - (1 - keep[small]!);
    if (keep[large]! < 1) {
      largeStart++;
      queue[smallEnd++] = large;
    }
  }
  // What is left differs from 1 by rounding alone.
  while (smallEnd > 0) keep[queue[--smallEnd]!] = 1;
  for (; largeStart < count; largeStart++) keep[queue[largeStart]!] = 1;
  return { keep, alias };
}
