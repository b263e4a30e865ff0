/** Dictionaries of an Arrow file or stream: replaced and extended as their messages say, loaded when first needed. */
import type { ByteSource } from '../base/bytes.js';
import { type Dictionaries, loadColumns, type StoredBatch } from './arrow-batch.js';
import type { ArrowArray, ArrowField, ArrowType } from './arrow-layout.js';

/** A dictionary message; `position` orders it among the record batches it stands between. */
export interface StoredDictionary extends StoredBatch {
  readonly id: number;
  readonly isDelta: boolean;
  /** Number of record batches before it. */
  readonly position: number;
}

/** Dictionaries of `type` as of record batch `position`. `cache` holds arrays already loaded. */
export async function loadDictionaries(
  source: ByteSource,
  stored: readonly StoredDictionary[],
  type: ArrowType,
  position: number,
  cache: Map<StoredDictionary, Promise<ArrowArray>>,
): Promise<Dictionaries> {
  const loaded = new Map<number, readonly ArrowArray[]>();
  for (const inner of innerTypes(type)) {
    for (const [id, arrays] of await loadDictionaries(source, stored, inner, position, cache)) loaded.set(id, arrays);
  }
  if (type.kind !== 'dictionary') return loaded;
  const pieces = piecesOf(stored, type.id, position);
  const field: ArrowField = { name: '', nullable: true, type: type.value };
  const arrays = pieces.map((piece) => {
    const known = cache.get(piece);
    if (known !== undefined) return known;
    const array = loadColumns(source, piece, [field], [0], loaded).then((columns) => columns[0]!);
    cache.set(piece, array);
    array.catch(() => cache.delete(piece));
    return array;
  });
  return loaded.set(type.id, await Promise.all(arrays));
}

function innerTypes(type: ArrowType): readonly ArrowType[] {
  if (type.kind === 'dictionary') return [type.value];
  if (type.kind === 'list' || type.kind === 'fixed-list') return [type.child.type];
  return [];
}

/** The last whole dictionary before a record batch and the deltas behind it. */
function piecesOf(stored: readonly StoredDictionary[], id: number, position: number): readonly StoredDictionary[] {
  const pieces: StoredDictionary[] = [];
  for (const dictionary of stored) {
    if (dictionary.id !== id || dictionary.position > position) continue;
    if (!dictionary.isDelta) pieces.length = 0;
    pieces.push(dictionary);
  }
  return pieces;
}
