/** What a program tells after one timed build: one line of JSON, checked where it comes in. */
import { z } from 'zod';

const counts = z.record(z.string(), z.number());

const peerReport = z.object({
  program: z.string(),
  version: z.string(),
  threads: z.number(),
  /** From opening the file to a durable, readable index, opened once. */
  ms: z.number().positive(),
  /** Of all threads of the process, user and system, within that time. */
  cpuMs: z.number(),
  indexBytes: z.number(),
  docs: z.number(),
  /** By field: tokens, their positions counted as often as they occur. */
  tokens: counts,
  /** By field: distinct terms. */
  terms: counts,
  /** By field and probe term: documents that have it. */
  docFreq: z.record(z.string(), counts),
  phases: counts.optional(),
  /** Largest resident memory of the process so far; 0 where it is not known. */
  peakBytes: z.number(),
  /** What is left out or different. */
  notes: z.string(),
});

export type PeerReport = Readonly<z.infer<typeof peerReport>>;

/** Fails with a sentence that names what is wrong with the line. */
export function parsePeerReport(line: string): PeerReport {
  const result = peerReport.safeParse(JSON.parse(line));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Error(`a report with a wrong ${issue!.path.join('.')} (${issue!.message}): ${line.slice(0, 200)}`);
}
