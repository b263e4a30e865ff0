/** What a committed index holds, as one digest that does not depend on how stored fields are compressed. */

import { createHash } from 'node:crypto';
import { TidemarkError } from '../base/errors.js';
import { readNewest } from '../manifest/newest.js';
import { openSegment, type SegmentReader } from '../segment/reader.js';
import { objectSource } from '../store/byte-source.js';
import type { Store } from '../store/store.js';

/**
 * SHA-256 over the newest generation: all sections but the stored ones byte by byte, and stored blocks as they were before they were
 * compressed. Two candidates whose digests differ have not done the same work. Every checksum on the way is verified.
 */
export async function contentDigest(index: Store): Promise<string> {
  const manifest = await readNewest(index);
  const hash = createHash('sha256');
  for (const { name } of [...(manifest?.base?.segments ?? []), ...(manifest?.delta.segments ?? [])]) {
    const info = await index.stat(name);
    if (info === undefined) throw new TidemarkError('corrupt', 'a segment is not there', { where: { segment: name } });
    await hashSegment(await openSegment(objectSource(index, info), name), (bytes) => hash.update(bytes));
  }
  return hash.digest('hex');
}

async function hashSegment(reader: SegmentReader, update: (bytes: Uint8Array) => void): Promise<void> {
  const text = new TextEncoder();
  for (const { name, field } of reader.footer.sections) {
    if (name === 'stored' || name === 'storedIndex') continue;
    update(text.encode(`${name} ${field ?? ''}\n`));
    update(await reader.sectionBytes(name, field));
  }
  const stored = await reader.stored();
  for (let block = 0; block < stored.index.blocks; block++) update((await stored.block(block)).raw);
}
