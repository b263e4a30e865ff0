/**
 * What may be collected: a pure decision over one listing of the index.
 *
 * Readers may be pinned to any generation that was the newest one until less than `keep` ago: what counts is not when a generation
 * was committed but when it was superseded. Those generations and all they name stay.
 *
 * Writers are at work on objects that no manifest names yet. One that finds an object there already writes it anew where it is older
 * than keep / 2, so an object that a writer relies on is collected only if that writer has been at it for keep / 2 and more; and
 * only if somebody committed in that time, which takes the generation that the writer was about to create. So its commit fails, and
 * its next try builds what is gone.
 */

import {
  KILL_PREFIX,
  MANIFEST_PREFIX,
  OVERLAY_PREFIX,
  PART_PREFIX,
  REJECT_PREFIX,
  RUN_PREFIX,
  SEGMENT_PREFIX,
} from '../manifest/names.js';
import type { GenerationInfo } from '../manifest/newest.js';
import type { ObjectInfo } from '../store/store.js';

/** Kinds of objects that are collected, by what their keys start with; whatever else lies under the index is left alone. */
export const KINDS = {
  manifests: MANIFEST_PREFIX,
  segments: SEGMENT_PREFIX,
  parts: PART_PREFIX,
  kills: KILL_PREFIX,
  overlays: OVERLAY_PREFIX,
  rejects: REJECT_PREFIX,
  runs: RUN_PREFIX,
  probes: 'probes/',
} as const;

export type ObjectKind = keyof typeof KINDS;

export interface GcRule {
  readonly keepMs: number;
  /** The store's own clock, ms since the epoch. */
  readonly now: number;
}

/** Generations that a reader may be on: the newest, and those superseded less than `keep` ago. Given and told in ascending order. */
export function retainedGenerations(generations: readonly GenerationInfo[], rule: GcRule): GenerationInfo[] {
  return generations.filter((_, i) => {
    const next = generations[i + 1];
    return next === undefined || !isOld(next, rule);
  });
}

/**
 * Plan hashes that a manifest names, wherever in it they stand: every object's name has one. Reading them out of the text keeps
 * whatever a later release names in a field that this one does not know.
 */
export function namedHashes(manifestJson: string): Set<string> {
  return new Set(manifestJson.match(/(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/g) ?? []);
}

/** Objects that may go, in the listing's order. `newest` = the newest generation as listed, `named` = hashes that retained ones name. */
export function collectable(
  objects: readonly ObjectInfo[],
  retained: readonly GenerationInfo[],
  named: ReadonlySet<string>,
  rule: GcRule,
): ObjectInfo[] {
  const newest = retained.at(-1);
  if (newest === undefined) return [];
  const kept = new Set(retained.map(({ generation }) => generation));
  return objects.filter((object) => {
    if (!isOld(object, rule) || object.lastModified + rule.keepMs / 2 >= newest.lastModified) return false;
    const kind = kindOf(object.key);
    if (kind === undefined || kind === 'probes') return kind === 'probes';
    if (kind === 'manifests' || kind === 'runs') {
      const generation = /^[a-z]+\/([0-9]{20})[.-]/.exec(object.key)?.[1];
      return generation !== undefined && Number(generation) < newest.generation && !kept.has(Number(generation));
    }
    const hash = /\/([0-9a-f]{32})\./.exec(object.key)?.[1];
    return hash !== undefined && !named.has(hash);
  });
}

export function kindOf(key: string): ObjectKind | undefined {
  return (Object.keys(KINDS) as ObjectKind[]).find((kind) => key.startsWith(KINDS[kind]));
}

const isOld = ({ lastModified }: { readonly lastModified: number }, { now, keepMs }: GcRule): boolean =>
  lastModified < now - keepMs;
