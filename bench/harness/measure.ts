/** Runs variants side by side: warm-up rounds are cut, and what slows the machine for a while slows all of them alike. */

/** What each round of each variant gave, by the variant's name and in the order of the rounds. */
export type Samples<T> = ReadonlyMap<string, readonly T[]>;

export interface MeasureOptions {
  /** Rounds whose results are thrown away: they pay for compiling, caches and pages of memory. */
  readonly warmUps: number;
  readonly rounds: number;
  /** Told after each round, warm-ups included. */
  readonly onRound?: (round: number, rounds: number) => void;
}

/**
 * Runs every variant once a round. Every second round goes backwards, so that none is always the one after another. Fails with the
 * first error of a variant.
 */
export async function measure<T>(
  variants: Readonly<Record<string, () => T | Promise<T>>>,
  { warmUps, rounds, onRound }: MeasureOptions,
): Promise<Samples<T>> {
  const names = Object.keys(variants);
  const samples = new Map<string, T[]>(names.map((name) => [name, []]));
  for (let round = 0; round < warmUps + rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const sample = await variants[name]!();
      if (round >= warmUps) samples.get(name)!.push(sample);
    }
    onRound?.(round + 1, warmUps + rounds);
  }
  return samples;
}

/** What a stretch of work took. CPU time is that of all threads of this process, user and system. */
export interface Timing {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** Times one call. */
export async function time<T>(work: () => T | Promise<T>): Promise<Timing & { readonly value: T }> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const value = await work();
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { value, wallMs, cpuMs: (user + system) / 1_000 };
}

/** Times one call that does not wait for anything. */
export function timeSync(work: () => void): Timing {
  const cpu = process.cpuUsage();
  const start = performance.now();
  work();
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs, cpuMs: (user + system) / 1_000 };
}
