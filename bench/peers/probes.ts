/** Words whose document frequency every program tells, so that anyone sees that they did the same work. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';

/** Rows that words are taken from: enough for common ones to be common. */
const SAMPLE_ROWS = 2_000;
/** Words of each kind: common, of the middle, rare. */
const EACH = 3;

/**
 * Picks words from the first rows of the first Parquet file: only runs of a to z, which every analyzer cuts alike. The same file gives the
 * same words.
 */
export async function pickProbes(source: string): Promise<string[]> {
  const [first] = parquetFiles(source);
  if (first === undefined) throw new Error(`no Parquet file under ${source}`);
  const file = await asyncBufferFromFile(first);
  const rows = await parquetReadObjects({ file, columns: ['name', 'summary'], rowEnd: SAMPLE_ROWS });
  const counts = new Map<string, number>();
  for (const { name, summary } of rows) {
    const words = `${name ?? ''} ${summary ?? ''}`.toLowerCase().match(/\S+/g) ?? [];
    for (const word of words) if (/^[a-z]{2,12}$/.test(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const byCount = [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([word]) => word);
  const middle = Math.floor(byCount.length / 50);
  return [...byCount.slice(0, EACH), ...byCount.slice(middle, middle + EACH), ...byCount.slice(-EACH)];
}

/** Sorted by path. */
function parquetFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.parquet'))
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
}
