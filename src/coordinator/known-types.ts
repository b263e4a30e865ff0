/** Field types that the index has already: a column typed `numeric` keeps the type it got first. */

import type { Manifest } from '../manifest/manifest.js';
import { openIndexSegment, type SegmentPlace } from './open-segments.js';
import type { KnownTypes } from './resolve-plan.js';

export async function knownTypesOf(place: SegmentPlace, manifest: Manifest | undefined): Promise<KnownTypes> {
  const [first] = [...(manifest?.base?.segments ?? []), ...(manifest?.delta.segments ?? [])];
  if (first === undefined) return new Map();
  const { reader } = await openIndexSegment(place, first);
  return new Map(reader.footer.fields.map(({ name, type }) => [name, type]));
}
