/** Page versions, read from the pages themselves: some writers (Arrow C++) put v1 into the footer for v2 pages. */
import type { ByteSource } from '../base/bytes.js';
import { fetchRanges } from './byte-ranges.js';
import { CHUNK_META, type ParquetFooter } from './parquet-footer.js';
import { readThrift, thriftNumber } from './thrift.js';

/** A page header with long minimum and maximum values still fits. */
const HEADER_BYTES = 4096;
/** Field of PageHeader, and PageType -> version. */
const PAGE_TYPE = 1;
const VERSIONS: Readonly<Record<number, string>> = { 0: 'v1', 3: 'v2' };

/** Versions of the first data page of each column in the first row group that has rows; empty where unknown. */
export async function readPageVersions(
  source: ByteSource,
  footer: ParquetFooter,
): Promise<readonly (readonly string[])[]> {
  const group = footer.groups.find(({ rows }) => rows > 0);
  const headers = (group?.chunks ?? []).map((chunk) => {
    const start = chunk.obstacle === undefined ? (thriftNumber(chunk.metadata, CHUNK_META.dataPageOffset) ?? 0) : 0;
    return { start, end: chunk.obstacle === undefined ? Math.min(chunk.end, start + HEADER_BYTES) : 0 };
  });
  const fetched = await fetchRanges(source, headers);
  const versions = headers.map((range) => (range.end > range.start ? versionOf(fetched(range)) : undefined));
  return footer.columns.map(({ firstLeaf, endLeaf }) => [
    ...new Set(versions.slice(firstLeaf, endLeaf).filter((version) => version !== undefined)),
  ]);
}

function versionOf(header: Uint8Array): string | undefined {
  return VERSIONS[thriftNumber(readThrift(header), PAGE_TYPE) ?? -1];
}
