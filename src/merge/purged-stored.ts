/**
 * Stored blocks without the purged documents: blocks that keep all of theirs are copied as they are, what is left of the others is
 * cut and compressed anew. Read and written in pieces, so that memory does not grow with the segment.
 */

import { ByteWriter } from '../base/byte-writer.js';
import { concatBytes } from '../base/bytes.js';
import { crc32 } from '../segment/crc32.js';
import { PURGED } from '../segment/doc-map.js';
import { STORED_BLOCK_BYTES } from '../segment/layout.js';
import type { SegmentReader } from '../segment/reader.js';
import { type StoredIndex, StoredReader } from '../segment/stored.js';
import type { MergeContext } from './context.js';
import type { StoredInput } from './input.js';

/** Stored bytes read at a time. */
const PIECE_BYTES = 4 * 1024 * 1024;

/** A block as it will be written. */
type NewBlock =
  | { readonly kind: 'copied'; readonly bytes: Uint8Array; readonly block: number }
  | { readonly kind: 'rows'; readonly raw: Uint8Array; readonly docs: number };

export async function purgedStored(
  context: MergeContext,
  reader: SegmentReader,
  numbers: Uint32Array,
): Promise<StoredInput> {
  const { index } = await reader.stored();
  const entries = new ByteWriter();
  return {
    kind: 'blocks',
    chunks: () => writeBlocks(context, reader, index, numbers, entries),
    // Known once all chunks were taken, which is when the writer asks for it.
    get index() {
      return entries.finish();
    },
  };
}

async function* writeBlocks(
  context: MergeContext,
  reader: SegmentReader,
  index: StoredIndex,
  numbers: Uint32Array,
  entries: ByteWriter,
): AsyncGenerator<Uint8Array> {
  for (let block = 0; block < index.blocks; ) {
    const end = pieceEnd(index, block);
    const blocks = await purgePiece(reader, index, block, end, numbers);
    const packed = await packRows(context, blocks);
    for (const [i, next] of blocks.entries()) {
      if (next.kind === 'copied') {
        const docs = index.docStarts[next.block + 1]! - index.docStarts[next.block]!;
        addEntry(entries, docs, next.bytes, index.rawLengths[next.block]!);
        yield next.bytes;
      } else {
        const bytes = packed.get(i)!;
        addEntry(entries, next.docs, bytes, bytes.length === next.raw.length ? 0 : next.raw.length);
        yield bytes;
      }
    }
    block = end;
  }
}

function pieceEnd(index: StoredIndex, block: number): number {
  let end = block + 1;
  while (end < index.blocks && index.offsets[end + 1]! - index.offsets[block]! <= PIECE_BYTES) end++;
  return end;
}

/** The blocks [from, end) anew, in order. */
async function purgePiece(
  reader: SegmentReader,
  index: StoredIndex,
  from: number,
  end: number,
  numbers: Uint32Array,
): Promise<NewBlock[]> {
  const base = index.offsets[from]!;
  const piece = await reader.sectionRange('stored', undefined, base, index.offsets[end]!);
  const stored = new StoredReader(
    index,
    reader.footer.stored.length,
    async (start, to) => piece.subarray(start - base, to - base),
    reader.where('stored'),
  );
  const blocks: NewBlock[] = [];
  const rows = new RowCutter(blocks);
  for (let block = from; block < end; block++) {
    const [first, last] = [index.docStarts[block]!, index.docStarts[block + 1]!];
    if (!numbers.subarray(first, last).includes(PURGED)) {
      rows.close();
      const bytes = piece.subarray(index.offsets[block]! - base, index.offsets[block + 1]! - base);
      blocks.push({ kind: 'copied', bytes, block });
      continue;
    }
    const { raw, offsets } = await stored.block(block);
    for (let doc = first; doc < last; doc++) {
      if (numbers[doc] !== PURGED) rows.add(raw.subarray(offsets[doc - first]!, offsets[doc - first + 1]!));
    }
  }
  rows.close();
  return blocks;
}

/** Cuts rows into blocks as they are cut when they are first written. */
class RowCutter {
  #rows: Uint8Array[] = [];
  #bytes = 0;

  constructor(private readonly blocks: NewBlock[]) {}

  add(row: Uint8Array): void {
    this.#rows.push(row);
    this.#bytes += row.length;
    if (this.#bytes >= STORED_BLOCK_BYTES) this.close();
  }

  close(): void {
    if (this.#rows.length > 0)
      this.blocks.push({ kind: 'rows', raw: concatBytes(this.#rows), docs: this.#rows.length });
    this.#rows = [];
    this.#bytes = 0;
  }
}

/** Compresses the blocks of rows, all in one task; by their place among `blocks`. */
async function packRows(context: MergeContext, blocks: readonly NewBlock[]): Promise<Map<number, Uint8Array>> {
  const raws: Uint8Array[] = [];
  const places: number[] = [];
  const ends: number[] = [];
  let end = 0;
  for (const [place, block] of blocks.entries()) {
    if (block.kind !== 'rows') continue;
    raws.push(block.raw);
    places.push(place);
    end += block.raw.length;
    ends.push(end);
  }
  const packed = new Map<number, Uint8Array>();
  if (places.length === 0) return packed;
  const raw = new Uint8Array(new SharedArrayBuffer(end));
  raw.set(concatBytes(raws));
  const { cancel, stored, pool } = context;
  const { bytes, lengths } = await pool.run({ kind: 'compress', raw, ends, ...stored, cancel }, raw.length);
  let at = 0;
  for (const [i, length] of lengths.entries()) {
    packed.set(places[i]!, bytes.subarray(at, at + length));
    at += length;
  }
  return packed;
}

function addEntry(entries: ByteWriter, docs: number, bytes: Uint8Array, rawLength: number): void {
  entries.varint(docs).varint(bytes.length).varint(rawLength).u32(crc32(bytes, 0));
}
