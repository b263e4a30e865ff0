/**
 * The one error class. Every failure a person can meet is a `TidemarkError`: a sentence that says what
 * happened, `where` (object, row group, row, field ...) as values, and `fix`, what to do about it.
 */

/** Kinds of failure; `EXIT_CODES` maps each to the exit code of the command line's contract. */
export type ErrorCode =
  | 'usage' // wrong words on the command line
  | 'config' // configuration or schema that cannot work
  | 'bad-data' // input that cannot be read or indexed as asked
  | 'corrupt' // an index object that fails its checksum or its format
  | 'gate' // a segment that the publish gate refuses
  | 'changed' // a pinned object was rewritten or removed while it was read
  | 'not-found' // an object that should be there is not
  | 'store' // the object store failed or refused
  | 'fenced' // another writer holds a higher epoch
  | 'deadline' // the deadline passed
  | 'cancelled' // stopped on request
  | 'restart' // no failure: a planned restart, to be started again
  | 'worker' // a worker thread died or the kernel trapped
  | 'internal'; // a broken promise of our own

/** Exit code per error kind. */
export const EXIT_CODES: Readonly<Record<ErrorCode, number>> = {
  usage: 2,
  config: 2,
  'bad-data': 3,
  corrupt: 3,
  gate: 3,
  changed: 1,
  'not-found': 1,
  store: 1,
  fenced: 4,
  deadline: 5,
  cancelled: 1,
  restart: 75,
  worker: 1,
  internal: 1,
};

/** Where it happened: names of things a person can look up. */
export type ErrorWhere = Readonly<Record<string, string | number | undefined>>;

/** A `TidemarkError` as plain data: what crosses a thread boundary, since class identity does not survive cloning. */
export interface PlainError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly where: ErrorWhere;
  readonly fix: string | undefined;
}

export class TidemarkError extends Error {
  readonly code: ErrorCode;
  readonly where: ErrorWhere;
  readonly fix: string | undefined;

  constructor(code: ErrorCode, message: string, detail: { where?: ErrorWhere; fix?: string; cause?: unknown } = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'TidemarkError';
    this.code = code;
    this.where = detail.where ?? {};
    this.fix = detail.fix;
  }
}

/** Turns anything thrown into plain data for another thread; an unknown error becomes `internal`. */
export function toPlainError(error: unknown): PlainError {
  if (error instanceof TidemarkError) {
    return { code: error.code, message: error.message, where: error.where, fix: error.fix };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'internal', message, where: {}, fix: undefined };
}

/** The way back from `toPlainError`. */
export function fromPlainError(plain: PlainError): TidemarkError {
  return new TidemarkError(plain.code, plain.message, {
    where: plain.where,
    ...(plain.fix === undefined ? {} : { fix: plain.fix }),
  });
}

/** One readable text: the sentence, where it happened, what to do. */
export function describeError(error: unknown): string {
  if (!(error instanceof TidemarkError)) return error instanceof Error ? error.message : String(error);
  const where = Object.entries(error.where)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
  const at = where === '' ? '' : ` (${where})`;
  const fix = error.fix === undefined ? '' : `; ${error.fix}`;
  return `${error.message}${at}${fix}`;
}

/** States a precondition that types cannot; its failure is our own bug. */
export function assert(condition: unknown, reason: string): asserts condition {
  if (!condition) throw new TidemarkError('internal', `broken invariant: ${reason}`);
}
