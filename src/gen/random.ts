/** Seeded random numbers: the same seed gives the same numbers on every machine. */

export interface Random {
  /** Uniform in [0, 1), 32 bits fine. */
  next(): number;
  /** Uniform whole number in [0, end). */
  below(end: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
}

/** Steps that mix a seed into all of the state before the first number is drawn. */
const WARM_UP_STEPS = 15;
/** 2^32 / golden ratio: neighbouring streams get states far apart. */
const STREAM_STEP = 0x9e3779b9;

/**
 * "Small fast counting" generator (Doty-Humphrey's sfc32): four 32-bit words, no table, a few ns a number. Streams of one seed are
 * apart: what one part draws never shifts what another gets.
 */
export function createRandom(seed: number, stream = 0): Random {
  let a = seed | 0;
  let b = Math.floor(seed / 2 ** 32) | 0;
  let c = Math.imul(stream + 1, STREAM_STEP);
  let counter = 1;
  const word = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < WARM_UP_STEPS; i++) word();
  const next = () => word() / 2 ** 32;
  return { next, below: (end) => Math.floor(next() * end), chance: (probability) => next() < probability };
}

/** A number in [0, 1) that belongs to `n`: what must be the same whenever `n` comes up again. */
export function hashUnit(seed: number, n: number): number {
  let hash = Math.imul(n ^ (seed | 0), STREAM_STEP) ^ Math.floor(n / 2 ** 32);
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad);
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}

/** A normally distributed number, mean 0, deviation 1 (Box and Muller). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}
