/**
 * Columns of one slice, byte strings in the kernel's arena. Pages of the common shapes are decoded there; all others, and those that
 * turn out not to be what they claim, go through `readRows` and are copied in, which also words every complaint about the file.
 */

import { isBadInput } from '../decode/bad-input.js';
import type { InputFile, ReadRowsRequest } from '../decode/input.js';
import type { PagedColumn } from '../decode/paged.js';
import type { Kernel } from '../kernel/kernel.js';
import { placeColumns, placeFound, type SliceColumn, type SliceColumns } from './columns.js';
import { placePages } from './place-pages.js';

/** Errors: those of `InputFile.readRows`. */
export async function readSlice(kernel: Kernel, input: InputFile, request: ReadRowsRequest): Promise<SliceColumns> {
  const { rowStart, rowEnd } = request;
  const answer: Record<string, SliceColumn | undefined> = {};
  for (const { name, as } of request.columns) answer[as ?? name] = undefined;
  const paged =
    rowStart === rowEnd || input.readPages === undefined
      ? { columns: [], rest: request.columns }
      : await input.readPages(request);
  const rest = [...paged.rest];
  for (const column of paged.columns) {
    const found = decodePages(kernel, column, rowStart, rowEnd);
    if (found === undefined) rest.push(column.request);
    else answer[column.request.as ?? column.request.name] = placeFound(kernel, found);
  }
  if (rest.length === 0) return answer;
  return { ...answer, ...placeColumns(kernel, await input.readRows({ ...request, columns: rest })) };
}

function decodePages(kernel: Kernel, column: PagedColumn, rowStart: number, rowEnd: number) {
  try {
    return placePages(kernel, column, rowStart, rowEnd);
  } catch (error) {
    if (isBadInput(error)) return undefined;
    throw error;
  }
}
