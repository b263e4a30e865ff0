/** What `tidemark inspect FILE` shows of an input: as plain data for JSON, and as text. */
import type { InputFile, InputFormat, InputRowGroup } from './input-file.js';

export interface InputSummary {
  readonly format: InputFormat;
  readonly rows: number;
  readonly createdBy: string | undefined;
  readonly codecs: readonly string[];
  readonly columns: readonly InputColumnSummary[];
  readonly rowGroups: readonly InputRowGroup[];
}

/** A column of the schema and how it is stored; sizes in bytes, undefined where the format keeps none per column. */
export interface InputColumnSummary {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly codecs: readonly string[];
  readonly encodings: readonly string[];
  readonly pageVersions: readonly string[];
  readonly compressedBytes: number | undefined;
  readonly uncompressedBytes: number | undefined;
}

const FORMAT_NAMES: Readonly<Record<InputFormat, string>> = {
  parquet: 'Parquet',
  'arrow-file': 'Arrow IPC file',
  'arrow-stream': 'Arrow IPC stream',
};
/** More row groups than this are summed up in the text; JSON has them all. */
const MAX_LISTED_GROUPS = 20;

/** `pageVersions` is what `InputFile.pageVersions` gives; all else is known since the file was opened. */
export function summarizeInput(file: InputFile, pageVersions: readonly (readonly string[])[] = []): InputSummary {
  const { format, rows, createdBy, codecs, rowGroups } = file;
  const columns = file.columns.map((column, i) => {
    return { ...column, ...file.storage[i]!, pageVersions: pageVersions[i] ?? [] };
  });
  return { format, rows, createdBy, codecs, columns, rowGroups };
}

/** Lines of text, without a last newline. */
export function formatInputSummary(summary: InputSummary): string {
  const { format, rows, createdBy, columns, rowGroups } = summary;
  const groupWord = format === 'parquet' ? 'row group' : 'record batch';
  const title = `${FORMAT_NAMES[format]}, ${count(rows, 'row')} in ${count(rowGroups.length, groupWord)}`;
  const by = createdBy === undefined ? '' : `, written by ${createdBy}`;
  const table = alignColumns(columns.map(columnCells));
  const groups = rowGroups
    .slice(0, MAX_LISTED_GROUPS)
    .map((group, i) => `  ${groupWord} ${i}: ${count(group.rows, 'row')}, ${group.bytes} bytes`);
  const hidden = rowGroups.length - groups.length;
  if (hidden > 0) groups.push(`  and ${hidden} more`);
  return [`${title}${by}`, ...table.map((line) => `  ${line}`), ...groups].join('\n');
}

function columnCells(column: InputColumnSummary): readonly string[] {
  const { name, type, nullable, codecs, encodings, pageVersions, compressedBytes, uncompressedBytes } = column;
  const sizes = compressedBytes === undefined ? '' : `${compressedBytes} of ${uncompressedBytes} bytes`;
  const pages = pageVersions.length === 0 ? '' : `pages ${pageVersions.join(' ')}`;
  return [name, nullable ? type : `${type} not null`, codecs.join(' '), sizes, pages, encodings.join(' ')];
}

function alignColumns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  );
}

function count(n: number, noun: string): string {
  if (n === 1) return `1 ${noun}`;
  return `${n} ${noun.endsWith('ch') ? `${noun}es` : `${noun}s`}`;
}
