/** One text through an analyzer: what queries are cut by, so that they meet the terms that documents were cut into. */
import { ANALYZERS, type AnalyzerName } from './analyzers.js';
import { type Kernel, threadKernel } from './kernel.js';

const UTF8 = new TextEncoder();

/** Final bytes of the tokens, in order. Leaves the kernel's arena as it was, so it may be called between steps of a run. */
export function analyze(
  analyzer: AnalyzerName,
  text: string | Uint8Array,
  kernel: Kernel = threadKernel(),
): Uint8Array[] {
  const bytes = typeof text === 'string' ? UTF8.encode(text) : text;
  const { call } = kernel;
  const mark = call.mark();
  const at = kernel.copyIn(bytes);
  call.reserveTokens(bytes.length);
  const count = call.tokenize(ANALYZERS[analyzer], at, bytes.length);
  const pairs = new Uint32Array(call.memory.buffer, call.tokenBuffer() >>> 0, 2 * count);
  const tokens = Array.from({ length: count }, (_, i) => kernel.copyOut(pairs[2 * i]!, pairs[2 * i + 1]!));
  call.release(mark);
  return tokens;
}
