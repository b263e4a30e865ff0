/** The process as a command sees it: where results and messages go, what watches them, and when to stop. */
import type { Clock } from '../base/time.js';

export interface Terminal {
  /** Results. */
  out(text: string): void;
  /** Messages, one line each. */
  err(text: string): void;
  /** Standard error itself, for logs and the progress bar. */
  readonly errStream: NodeJS.WritableStream;
  /** Whether results may be coloured. */
  readonly outHasColor: boolean;
  readonly errIsTty: boolean;
  /** Width of standard output. */
  readonly columns: number;
}

/** What every command is handed. */
export interface CommandContext {
  readonly terminal: Terminal;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** Prints the one JSON value of `--json`; 64-bit numbers that a JSON reader would round are strings. */
export function printJson(terminal: Terminal, value: unknown): void {
  terminal.out(
    `${JSON.stringify(value, (_, member) => (typeof member === 'bigint' ? jsonInteger(member) : member))}\n`,
  );
}

function jsonInteger(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}
