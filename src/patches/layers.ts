/**
 * Layers of overlays: a run adds one of just its own size, and folds it with those before it that are not much larger. So what a run
 * writes follows its patches, and a field of N patched documents has at most log2(N) layers to read.
 */
import type { Overlay, OverlayEntry } from '../segment/overlay.js';
import { mergeOverlays, overlayOf, rankAt } from '../segment/overlay.js';
import { valueAt } from '../segment/patch-values.js';

/** A layer is folded with the next while it has at most so many times as many values. */
const FOLD_RATIO = 2;

/** How many of the last layers a new one of `count` values is folded with; `counts` are theirs, oldest first. */
export function foldedLayers(counts: readonly number[], count: number): number {
  let sum = count;
  let folded = 0;
  while (folded < counts.length && counts[counts.length - 1 - folded]! <= FOLD_RATIO * sum) {
    sum += counts[counts.length - 1 - folded]!;
    folded++;
  }
  return folded;
}

/** Several layers as one; `keep` leaves out documents that no longer count. */
export function foldLayers(
  layers: readonly Overlay[],
  replace: 'record' | 'group',
  keep: (docId: number) => boolean,
): Overlay {
  const entries = mergeOverlays(layers, replace, keep).map(({ layer, at, docId }): OverlayEntry => {
    const from = layers[layer]!;
    return { docId, ...rankAt(from, at), value: valueAt(from.values, at) };
  });
  return overlayOf(layers[0]!, entries);
}
