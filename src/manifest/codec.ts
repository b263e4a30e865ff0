/** Manifest <-> bytes: canonical JSON, checked on the way in and on the way out. */
import { z } from 'zod';
import { canonicalJson } from '../base/canonical-json.js';
import { assert, TidemarkError } from '../base/errors.js';
import { MANIFEST_FORMAT, type Manifest, manifestSchema } from './manifest.js';

/** The manifest as the JSON value that stands in the store: times as ISO-8601, absent ones as null. */
export function manifestToJson(manifest: Manifest): unknown {
  requireSound(manifest, (reason) => assert(false, reason));
  return z.encode(manifestSchema, manifest);
}

/** Same manifest, same bytes: keys in a fixed order, no white space, a final newline. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  return new TextEncoder().encode(`${canonicalJson(manifestToJson(manifest))}\n`);
}

/** Reads a manifest back; anything wrong is code `corrupt` and names the object and the place in it. */
export function decodeManifest(bytes: Uint8Array, key: string): Manifest {
  const json = parseJson(bytes, key);
  const format = (json as { format?: unknown } | null)?.format;
  if (typeof format === 'number' && format > MANIFEST_FORMAT) {
    throw new TidemarkError(
      'corrupt',
      `the manifest has format ${format}, and this release reads up to ${MANIFEST_FORMAT}`,
      {
        where: { object: key },
        fix: 'read the index with a newer release',
      },
    );
  }
  const result = z.safeDecode(manifestSchema, json as z.input<typeof manifestSchema>);
  if (!result.success) {
    const issue = result.error.issues[0]!;
    throw corrupt(key, `${issue.path.join('.') || 'the whole'}: ${issue.message}`);
  }
  requireSound(result.data, (reason) => {
    throw corrupt(key, reason);
  });
  return result.data;
}

/** What the types cannot say and readers rely on. */
function requireSound(manifest: Manifest, fail: (reason: string) => void): void {
  const { counts, coverage } = manifest;
  if (counts.live !== counts.docs - counts.killed) fail('counts.live is not docs - killed');
  const segments = [...(manifest.base?.segments ?? []), ...manifest.delta.segments];
  const names = new Set(segments.map((segment) => segment.name));
  if (names.size !== segments.length) fail('a segment is named twice');
  if (sum(segments.map((segment) => segment.docs)) !== counts.docs)
    fail('counts.docs is not the sum over the segments');
  for (const segment of segments) {
    const killed = manifest.kills[segment.name]?.count ?? 0;
    if (segment.live !== segment.docs - killed) fail(`live documents of ${segment.name} are not docs - killed`);
  }
  for (const name of Object.keys(manifest.kills)) if (!names.has(name)) fail(`kills name ${name}, which is no segment`);
  for (const name of Object.keys(manifest.overlays ?? {})) {
    if (!names.has(name)) fail(`overlays name ${name}, which is no segment`);
  }
  for (const { name, coverage: covered } of manifest.patches ?? []) {
    requireAscending(covered.partitions, `coverage.partitions of patches ${name}`, fail);
  }
  requireAscending(coverage.partitions, 'coverage.partitions', fail);
  requireAscending(coverage.skipped, 'coverage.skipped', fail);
}

function requireAscending(entries: readonly { time: number }[], path: string, fail: (reason: string) => void): void {
  for (let i = 1; i < entries.length; i++) {
    if (entries[i - 1]!.time >= entries[i]!.time) fail(`${path} is not in ascending order at entry ${i}`);
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function parseJson(bytes: Uint8Array, key: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw corrupt(key, cause instanceof Error ? cause.message : String(cause));
  }
}

function corrupt(key: string, what: string): TidemarkError {
  return new TidemarkError('corrupt', `the manifest cannot be read: ${what}`, {
    where: { object: key },
    fix: 'restore the object, or roll back to a generation that can be read',
  });
}
