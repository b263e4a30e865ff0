/** The kernel's tokenizer by itself: JS strings in, JS strings out. */

import type { KernelExports } from '#src/kernel/abi.js';
import { ANALYZERS, type AnalyzerName } from '#src/kernel/analyzers.js';
import { Kernel } from '#src/kernel/kernel.js';

/** What the tokenizer exports beside what the host calls. */
interface AnalysisExports extends KernelExports {
  wordBreaks(src: number, length: number, out: number): number;
}

const kernel = Kernel.create();
/** The kernel's exports. */
export const call = kernel.call as AnalysisExports;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** What the tokenizer may read behind a value; here it is made of bytes that would be seen, were they used. */
const BEHIND_BYTES = 64;

/** Resets the kernel and lays bytes into it between letters, so that reading over either edge would show. */
function layIn(bytes: Uint8Array): number {
  call.reset();
  const padded = new Uint8Array(BEHIND_BYTES + bytes.length + BEHIND_BYTES).fill(0x78);
  padded.set(bytes, BEHIND_BYTES);
  return kernel.copyIn(padded) + BEHIND_BYTES;
}

/** The tokens of a text. */
export function tokensOf(analyzer: AnalyzerName, text: string): string[] {
  const bytes = encoder.encode(text);
  const src = layIn(bytes);
  call.reserveTokens(bytes.length);
  const count = call.tokenize(ANALYZERS[analyzer], src, bytes.length);
  const pairs = new Uint32Array(call.memory.buffer, call.tokenBuffer(), 2 * count);
  return Array.from({ length: count }, (_, i) => decoder.decode(kernel.view(pairs[2 * i]!, pairs[2 * i + 1]!)));
}

/** Where the standard tokens of a text stand: begin and end byte by turns. */
export function breaksOf(bytes: Uint8Array): Uint32Array {
  const src = layIn(bytes);
  const out = call.alloc(4 * bytes.length + 8);
  const count = call.wordBreaks(src, bytes.length, out);
  return new Uint32Array(call.memory.buffer, out, 2 * count);
}

/** Offset of the first byte that is not valid UTF-8, or -1. */
export function firstBadByte(bytes: Uint8Array): number {
  return call.validateUtf8(layIn(bytes), bytes.length) - 1;
}
