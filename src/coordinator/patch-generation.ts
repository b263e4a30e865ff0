/** The next generation where only patches are new: the same segments, the same kills, other overlays. */

import { randomUUID } from 'node:crypto';
import type { Manifest } from '../manifest/manifest.js';
import type { BuiltPatches } from './build-patches.js';
import type { RunContext, RunOptions } from './context.js';
import { sealPatches } from './seal-patches.js';

export async function patchGeneration(
  context: RunContext,
  previous: Manifest,
  built: readonly BuiltPatches[],
  options: RunOptions,
): Promise<Manifest> {
  const now = context.clock.now();
  const { rolledBackFrom: _, ...rest } = previous;
  const newest = Math.max(...built.map(({ newestModified }) => newestModified ?? Number.NEGATIVE_INFINITY));
  const manifest: Manifest = {
    ...rest,
    generation: previous.generation + 1,
    epoch: options.epoch ?? previous.epoch,
    parent: previous.nonce,
    nonce: randomUUID(),
    createdAt: now,
    closeReason: 'complete',
    outcome: 'met',
    freshnessMs: Number.isFinite(newest) ? Math.max(0, Math.round(now - newest)) : null,
  };
  const sealed = await context.phases.time('seal', () => sealPatches(context.index, manifest, previous, built));
  return { ...sealed, phases: context.phases.times, totalMs: context.phases.totalMs };
}
