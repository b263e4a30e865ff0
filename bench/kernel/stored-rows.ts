/** Raw blocks of stored rows, as sealing cuts them: `varint length, id`, then `1, varint length, value` of each column. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ByteWriter } from '#src/base/byte-writer.js';
import { bytesSource, concatBytes } from '#src/base/bytes.js';
import { systemClock } from '#src/base/time.js';
import type { BytesColumn } from '#src/decode/columns.js';
import { openInput } from '#src/decode/input.js';
import { generate } from '#src/gen/generate.js';
import { GEN_PRESETS } from '#src/gen/options.js';
import { STORED_BLOCK_BYTES } from '#src/segment/layout.js';
import { openStore } from '#src/store/open.js';

/** Blocks one after the other, and where each ends. */
export interface StoredRows {
  readonly raw: Uint8Array;
  readonly ends: readonly number[];
}

/** At most `blocks` blocks of id `package` and `stored` columns, from the Parquet files under a folder in the order of their names. */
export async function storedRows(folder: string, stored: readonly string[], blocks: number): Promise<StoredRows> {
  const pieces: Uint8Array[] = [];
  const ends: number[] = [];
  let bytes = 0;
  const files = readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name)));
  for (const key of files.filter((path) => path.endsWith('.parquet')).sort()) {
    const file = await openInput(bytesSource(new Uint8Array(readFileSync(key))), { key });
    for (let rowGroup = 0; rowGroup < file.rowGroups.length; rowGroup++) {
      const columns = ['package', ...stored].map((name) => ({ name, shape: 'text' }) as const);
      const rowEnd = file.rowGroups[rowGroup]!.rows;
      const read = await file.readRows({ rowGroup, rowStart: 0, rowEnd, columns });
      for (let row = 0; row < rowEnd && ends.length < blocks; row++) {
        const piece = rowOf(
          columns.map(({ name }) => read[name] as BytesColumn),
          row,
        );
        pieces.push(piece);
        bytes += piece.length;
        if (bytes - (ends.at(-1) ?? 0) >= STORED_BLOCK_BYTES) ends.push(bytes);
      }
    }
  }
  return { raw: concatBytes(pieces).slice(0, ends.at(-1) ?? 0), ends };
}

function rowOf(columns: readonly BytesColumn[], row: number): Uint8Array {
  const out = new ByteWriter();
  columns.forEach(({ offsets, data }, i) => {
    if (i > 0) out.u8(1);
    out.sized(data.subarray(offsets[row]!, offsets[row + 1]!));
  });
  return out.finish();
}

/** The same from the generated bench corpus, cut to `docs` documents. */
export async function generatedRows(
  docs: number,
  stored: readonly (readonly string[])[],
  blocks: number,
): Promise<StoredRows[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-rows-'));
  try {
    const store = await openStore({ uri: folder }, systemClock);
    await generate({ ...GEN_PRESETS.bench, docs }, { store, folderOf: () => 'rows/' });
    return await Promise.all(stored.map((columns) => storedRows(folder, columns, blocks)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
