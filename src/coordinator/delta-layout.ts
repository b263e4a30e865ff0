/** Which layout a run gives its delta: as configured, or `window` for as long as its merge is predicted to fit. */
import type { Manifest } from '../manifest/manifest.js';
import type { RunContext } from './context.js';
import type { DeltaSettings } from './settings.js';

/** A merge of parts, as fast as it was measured on two slow cores; a process that has merged goes by its own rate. */
const FIRST_BYTES_PER_MS = 20_000;

/** `auto` goes back to `window` only where its merge takes half the budget: a delta at the edge does not change every tick. */
export function layoutFor(
  { memory }: Pick<RunContext, 'memory'>,
  settings: DeltaSettings | undefined,
  previous: Manifest | undefined,
): 'window' | 'tiered' {
  if (settings === undefined || settings.layout === 'window') return 'window';
  if (settings.layout === 'tiered') return 'tiered';
  const segments = previous?.delta.segments ?? [];
  const budgetMs = segments.length > 1 ? settings.mergeBudgetMs / 2 : settings.mergeBudgetMs;
  const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  return bytes / (memory?.mergeBytesPerMs ?? FIRST_BYTES_PER_MS) <= budgetMs ? 'window' : 'tiered';
}
