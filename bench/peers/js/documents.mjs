/** Documents of Parquet files as plain objects, and how their text is cut. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';

const COLUMNS = ['package', 'name', 'summary', 'keywords', 'version', 'downloads'];

/** The first `limit` documents, files in the order of their paths. Numbers become plain ones. */
export async function readDocuments(folder, limit = Number.POSITIVE_INFINITY) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.parquet'))
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
  if (files.length === 0) throw new Error(`no Parquet file under ${folder}`);
  const documents = [];
  for (const path of files) {
    if (documents.length >= limit) break;
    const file = await asyncBufferFromFile(path);
    const rowEnd = limit === Number.POSITIVE_INFINITY ? undefined : limit - documents.length;
    const rows = await parquetReadObjects({ file, columns: COLUMNS, rowEnd });
    for (const row of rows) {
      documents.push({ ...row, downloads: row.downloads === null ? null : Number(row.downloads) });
    }
  }
  return documents;
}

/** Runs of letters and digits, in lower case: the analyzer `simple`. */
export function tokenize(text) {
  return text.toLowerCase().match(/[\p{L}\p{Nd}]+/gu) ?? [];
}

/** Version of an installed package, as its own file says: not every package lets it be imported. */
export function versionOf(name) {
  const [folder] = createRequire(import.meta.url).resolve.paths(name);
  return JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8')).version;
}
