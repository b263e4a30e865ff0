/** Failures of the input: made deep inside without knowing the file, given their place by who does. */
import { type ErrorWhere, TidemarkError } from '../base/errors.js';

/** What to do about bytes that are not what their format promises. */
export const WRITE_AGAIN = 'have its producer write it again, and compare sizes in case a copy was cut short';

/** An input error. `reason` reads on after "cannot be read: " once `placeError` has named the file. */
export function badInput(
  reason: string,
  detail: { where?: ErrorWhere; fix?: string; cause?: unknown } = {},
): TidemarkError {
  return new TidemarkError('bad-data', reason, detail);
}

export function isBadInput(error: unknown): error is TidemarkError {
  return error instanceof TidemarkError && error.code === 'bad-data';
}

/**
 * Names the place of a failure that came up without one, e.g. `column 'tags' of part-0.parquet`.
 * Errors of other kinds (store, cancelled, our own) and errors that already have a place pass unchanged.
 */
export function placeError(error: unknown, place: string, where: ErrorWhere): unknown {
  if (!isBadInput(error) || error.where.object !== undefined) return error;
  return badInput(`${place} cannot be read: ${error.message}`, {
    where: { ...where, ...error.where },
    fix: error.fix ?? WRITE_AGAIN,
    cause: error,
  });
}

/** Asserts a promise of the file format; `reason` says how it is broken. */
export function checkInput(condition: unknown, reason: string): asserts condition {
  if (!condition) throw badInput(reason);
}
