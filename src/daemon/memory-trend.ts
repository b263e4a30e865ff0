/** A straight line through samples of memory: how fast it grows, and how much of the samples' spread the line explains. */

export interface MemorySample {
  readonly atMs: number;
  readonly bytes: number;
}

export interface MemoryTrend {
  readonly bytesPerMs: number;
  /** From 0, no line at all, to 1, all samples on the line (r²). */
  readonly fit: number;
}

/** Least squares; samples that are all the same, or at the same time, have no trend. */
export function memoryTrend(samples: readonly MemorySample[]): MemoryTrend {
  const count = samples.length;
  const meanAt = samples.reduce((sum, { atMs }) => sum + atMs, 0) / count;
  const meanBytes = samples.reduce((sum, { bytes }) => sum + bytes, 0) / count;
  let [atAt, atBytes, bytesBytes] = [0, 0, 0];
  for (const { atMs, bytes } of samples) {
    const at = atMs - meanAt;
    const by = bytes - meanBytes;
    atAt += at * at;
    atBytes += at * by;
    bytesBytes += by * by;
  }
  if (atAt === 0 || bytesBytes === 0) return { bytesPerMs: 0, fit: 0 };
  return { bytesPerMs: atBytes / atAt, fit: (atBytes * atBytes) / (atAt * bytesBytes) };
}
