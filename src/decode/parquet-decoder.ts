/** The one WebAssembly instance of the Parquet decoder in this thread, replaced when it traps or has grown large. */
import { createRequire } from 'node:module';
import type { ArrowArray } from './arrow-layout.js';
import { badInput, checkInput } from './bad-input.js';
import { lowerFirst } from './lower-first.js';
import { viewExport } from './parquet-ffi.js';

type Decoder = typeof import('parquet-wasm/node');

/**
 * Memory of an instance never shrinks, so one that met a huge row group would hold it for ever. A new instance costs
 * 20 ms here and its first pages 100 ms per 200 MB; two columns of 200,000 rows and 62 MB of text need 230 MB.
 */
const RETIRE_ABOVE_BYTES = 512 * 2 ** 20;

let current: Decoder | undefined;

/**
 * The node entry of parquet-wasm is a CommonJS module that instantiates while it loads; taking it out of the module
 * cache makes the next load a fresh instance. A new `require` each time keeps no list of the old ones.
 */
function freshDecoder(): Decoder {
  const require = createRequire(import.meta.url);
  const path = require.resolve('parquet-wasm/node');
  delete require.cache[path];
  const decoder: Decoder = require(path);
  delete require.cache[path];
  return decoder;
}

/**
 * Decodes rows `[rowStart, rowEnd)` of an excerpt of one row group and hands views of its columns to `use`, which
 * copies what it keeps. Measured (bench/decode: two text columns, 200,000 rows, 62 MB, 2 cores): 106 ms in 10 row groups
 * with ranged reads, UTF-8 check and copy out over the C data interface; 141 ms over an Arrow IPC stream with neither, at
 * 70-200 MB more memory.
 * Errors: `bad-data` without a place when the excerpt cannot be decoded.
 */
export function decodeExcerpt<T>(
  excerpt: Uint8Array,
  rowStart: number,
  rowEnd: number,
  use: (columns: readonly ArrowArray[]) => T,
): T {
  const decoder = current ?? freshDecoder();
  // Forgotten until it has proved healthy: whatever is thrown below, a trapped instance is never used again.
  current = undefined;
  const rows = rowEnd - rowStart;
  const options = { rowGroups: [0], offset: rowStart, limit: rows, batchSize: rows };
  const table = callDecoder(decoder, () => decoder.readParquet(excerpt, options));
  const exported = callDecoder(decoder, () => table.intoFFI());
  try {
    checkInput(exported.numArrays() === 1, `the decoder found no rows [${rowStart}, ${rowEnd})`);
    const columns = viewExport(
      decoder.wasmMemory().buffer as ArrayBuffer,
      exported.schemaAddr(),
      exported.arrayAddr(0),
    );
    for (const column of columns) {
      checkInput(column.length === rows, `the decoder found ${column.length} of ${rows} rows`);
    }
    return use(columns);
  } finally {
    exported.free();
    keepDecoder(decoder);
  }
}

function callDecoder<T>(decoder: Decoder, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof Error && error.name === 'RuntimeError') {
      throw badInput('the decoder stopped in the middle of it', { cause: error });
    }
    keepDecoder(decoder);
    throw badInput(lowerFirst(error instanceof Error ? error.message : String(error)), { cause: error });
  }
}

function keepDecoder(decoder: Decoder): void {
  if (decoder.wasmMemory().buffer.byteLength <= RETIRE_ABOVE_BYTES) current = decoder;
}
