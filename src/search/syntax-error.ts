import { TidemarkError } from '../base/errors.js';

/** A query that cannot be read: says what is wrong, and points at the character (counted from 1). */
export function syntaxError(query: string, at: number, message: string, fix?: string): TidemarkError {
  const pointer = `${query}\n${' '.repeat([...query.slice(0, at)].length)}^`;
  return new TidemarkError(
    'usage',
    `${message} at character ${[...query.slice(0, at)].length + 1} of the query\n${pointer}`,
    {
      where: { character: [...query.slice(0, at)].length + 1 },
      ...(fix === undefined ? {} : { fix }),
    },
  );
}
