/**
 * Generated rows as Parquet, through the module that reads it: it takes Arrow's buffers as they are and has every codec of the
 * field, where a writer in plain JavaScript wants a string for each value and brings snappy alone.
 */
import { createRequire } from 'node:module';
import type { GenCodec } from './options.js';
import type { GeneratedRows } from './rows.js';
import { encodeArrow } from './write-arrow.js';

const CODEC_NAMES = {
  none: 'UNCOMPRESSED',
  snappy: 'SNAPPY',
  gzip: 'GZIP',
  brotli: 'BROTLI',
  zstd: 'ZSTD',
  lz4_raw: 'LZ4_RAW',
} as const satisfies Readonly<Record<GenCodec, string>>;

/** One file with a row group of `groupRows` rows for each of `groups`; only the last may have fewer. */
export function encodeParquet(groups: readonly GeneratedRows[], groupRows: number, codec: GenCodec): Uint8Array {
  // Loaded where it is used: it takes 20 ms, and its memory goes with what asked for it.
  const parquet: typeof import('parquet-wasm/node') = createRequire(import.meta.url)('parquet-wasm/node');
  const table = parquet.Table.fromIPCStream(encodeArrow(groups, 'stream'));
  const properties = new parquet.WriterPropertiesBuilder()
    .setCompression(parquet.Compression[CODEC_NAMES[codec]])
    .setMaxRowGroupSize(groupRows)
    .setCreatedBy('tidemark gen')
    .build();
  return parquet.writeParquet(table, properties);
}
