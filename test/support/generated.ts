/** Generated partitions, read back as plain rows through the project's own decoders. */
import { bytesSource } from '#src/base/bytes.js';
import type { ColumnRequest } from '#src/decode/columns.js';
import { type InputFile, openInput } from '#src/decode/input.js';
import { type GenReport, generate } from '#src/gen/generate.js';
import type { GenOptions } from '#src/gen/options.js';
import { columnValues, type Value } from '../decode/fixtures.js';
import { MemoryStore } from './memory-store.js';

/** One row as its file has it; timestamps in microseconds as text, as all whole numbers. */
export interface GeneratedRow {
  readonly time: number;
  readonly key: string;
  readonly rowGroup: number;
  readonly package: string;
  readonly scope: string;
  readonly name: string | null;
  readonly summary: string | null;
  readonly keywords: readonly string[] | null;
  readonly version: string | null;
  readonly downloads: string | null;
  readonly updated_at: string;
  readonly deleted: string;
}

const COLUMNS: readonly ColumnRequest[] = [
  { name: 'package', shape: 'keyword' },
  { name: 'scope', shape: 'keyword' },
  { name: 'name', shape: 'text' },
  { name: 'summary', shape: 'text' },
  { name: 'keywords', shape: 'keyword' },
  { name: 'version', shape: 'keyword' },
  { name: 'downloads', shape: 'i64' },
  { name: 'updated_at', shape: 'timestamp' },
  { name: 'deleted', shape: 'bool' },
];

export interface Generated {
  readonly report: GenReport;
  readonly store: MemoryStore;
}

/** Generates into memory; folders are named by the partition's time in ms. */
export async function generateInMemory(options: GenOptions): Promise<Generated> {
  const store = new MemoryStore({ now: () => 0 });
  return { store, report: await generate(options, { store, folderOf: (time) => `${time}/` }) };
}

/** Files in the order of their partitions, opened. */
export function openGenerated({
  report,
  store,
}: Generated): Promise<readonly (InputFile & { readonly key: string })[]> {
  return Promise.all(
    report.objects.map(async ({ key }) => {
      const file = await openInput(bytesSource(await store.read(key)), { key });
      return Object.assign(file, { key });
    }),
  );
}

export async function readGenerated(generated: Generated): Promise<GeneratedRow[]> {
  const rows: GeneratedRow[] = [];
  for (const file of await openGenerated(generated)) {
    for (let rowGroup = 0; rowGroup < file.rowGroups.length; rowGroup++) {
      const rowEnd = file.rowGroups[rowGroup]!.rows;
      const columns = await file.readRows({ rowGroup, rowStart: 0, rowEnd, columns: COLUMNS });
      const values = COLUMNS.map(({ name }): [string, readonly Value[]] => [name, columnValues(columns[name]!)]);
      const place = { time: Number(file.key.split('/')[0]), key: file.key, rowGroup };
      for (let row = 0; row < rowEnd; row++) {
        rows.push({ ...place, ...Object.fromEntries(values.map(([name, own]) => [name, own[row]])) } as GeneratedRow);
      }
    }
    file.close();
  }
  return rows;
}
