/** What all readers check before they fetch: that the rows exist, and that each column can be read as asked. */
import { assert, TidemarkError } from '../base/errors.js';
import { type ArrowField, typeName } from './arrow-layout.js';
import { badInput, isBadInput, placeError } from './bad-input.js';
import type { Column, ColumnRequest } from './columns.js';
import type { ReadRowsRequest } from './input-file.js';
import { emptyColumn } from './normalize.js';
import { shapeMismatch } from './shapes.js';

/** A requested column beside the file's. */
export interface WantedColumn<Field extends ArrowField> {
  readonly request: ColumnRequest;
  readonly field: Field;
}

/** Requested columns that the file has. Errors: `bad-data` for a type that cannot be read as asked. */
export function wantedColumns<Field extends ArrowField>(
  key: string,
  fields: readonly Field[],
  requests: readonly ColumnRequest[],
): readonly WantedColumn<Field>[] {
  const wanted: WantedColumn<Field>[] = [];
  for (const request of requests) {
    const found = fields.filter((field) => field.name === request.name);
    if (found.length === 0) continue;
    const field = found[0]!;
    const where = { object: key, column: request.name };
    if (found.length > 1) {
      throw badInput(`${found.length} columns of ${key} are named '${request.name}'`, {
        where,
        fix: 'have its producer give each column a name of its own',
      });
    }
    const fix = shapeMismatch(field.type, request.shape);
    if (fix !== undefined) {
      const type = typeName(field.type);
      throw badInput(`column '${request.name}' of ${key} is ${type}, which cannot be read as ${request.shape}`, {
        where,
        fix,
      });
    }
    wanted.push({ request, field });
  }
  return wanted;
}

/** The answer for no rows: absent columns as undefined, the others empty. */
export function emptyAnswer(
  requests: readonly ColumnRequest[],
  wanted: readonly WantedColumn<ArrowField>[],
): Record<string, Column | undefined> {
  const answer: Record<string, Column | undefined> = {};
  for (const { name, as } of requests) answer[as ?? name] = undefined;
  for (const { field, request } of wanted) answer[request.as ?? request.name] = emptyColumn(field.type, request.shape);
  return answer;
}

/** Asserts that the asked rows lie within the row group. */
export function checkRange(request: ReadRowsRequest, rowCounts: readonly { readonly rows: number }[]): void {
  const { rowGroup, rowStart, rowEnd } = request;
  const rows = rowCounts[rowGroup]?.rows;
  assert(rows !== undefined, `there is no row group ${rowGroup} of ${rowCounts.length}`);
  assert(
    rowStart >= 0 && rowStart <= rowEnd && rowEnd <= rows,
    `rows [${rowStart}, ${rowEnd}) are not within [0, ${rows})`,
  );
}

/** Throws `cancelled` when the caller has given up. */
export function checkCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new TidemarkError('cancelled', 'reading the input was stopped on request', { cause: signal.reason });
}

/** Where a read failed; `groupWord` is what the format calls its row groups. */
export interface ReadPlace {
  readonly key: string;
  readonly rowGroup: number;
  readonly groupWord: string;
}

/**
 * After a failed read of several columns: decodes them one by one, so that the message can name the damaged one.
 * Gives the error to throw; anything but `bad-data` as it is.
 */
export async function blameColumn<Wanted extends WantedColumn<ArrowField>>(
  error: unknown,
  place: ReadPlace,
  wanted: readonly Wanted[],
  decodeOne: (column: Wanted) => Promise<unknown>,
): Promise<unknown> {
  if (!isBadInput(error)) return error;
  const { key, rowGroup, groupWord } = place;
  for (const column of wanted) {
    try {
      await decodeOne(column);
    } catch (cause) {
      const { name } = column.field;
      const where = { object: key, rowGroup, column: name };
      return placeError(cause, `column '${name}' in ${groupWord} ${rowGroup} of ${key}`, where);
    }
  }
  return placeError(error, `${groupWord} ${rowGroup} of ${key}`, { object: key, rowGroup });
}
