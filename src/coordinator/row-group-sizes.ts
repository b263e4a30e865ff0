/** How much work each row group of an input is, as far as its footer tells. */

import type { InputFile } from '../decode/input.js';
import type { RowGroupSize } from '../shard/assign.js';
import type { BuildPlan } from '../shard/task.js';

/** `object` = the input's ordinal in its partition. Only the columns that the plan reads count as text. */
export function rowGroupSizes(
  file: Pick<InputFile, 'columns' | 'rowGroups'>,
  object: number,
  plan: BuildPlan,
): RowGroupSize[] {
  const { id, group, version, deleted, fields, stored } = plan;
  const wanted = new Set([id, group, version?.column, deleted, ...fields.map(({ name }) => name), ...stored]);
  const columns = [...file.columns.keys()].filter((column) => wanted.has(file.columns[column]!.name));
  return file.rowGroups.map(({ rows, bytes, rawBytes }, rowGroup) => {
    const textBytes = columns.reduce((sum, column) => sum + (rawBytes?.[column] ?? 0), 0);
    return { object, rowGroup, rows, bytes, textBytes: textBytes || bytes };
  });
}
