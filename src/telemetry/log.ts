/** Structured logs: one JSON line an event, or readable lines where a person watches. */
import pino from 'pino';
import pretty from 'pino-pretty';
import { type Clock, toIso } from '../base/time.js';

/** What the other rooms may do with a log: an event's values first, then a sentence. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface LogOptions {
  /** Where lines go: standard error, since standard output belongs to results. */
  readonly stream: NodeJS.WritableStream;
  /** For people instead of programs. */
  readonly isPretty: boolean;
  readonly clock: Clock;
}

/** Lines are written at once, so that none is lost when the process ends; times are ISO-8601 UTC in `time`. */
export function createLog({ stream, isPretty, clock }: LogOptions): Log {
  const options: pino.LoggerOptions = {
    // Neither process id nor host name: a daemon's lines are told apart by what its supervisor adds.
    base: null,
    timestamp: () => `,"time":"${toIso(clock.now())}"`,
    formatters: { level: (label) => ({ level: label }) },
  };
  if (!isPretty) return pino(options, stream);
  return pino(options, pretty({ destination: stream, colorize: true, singleLine: true, translateTime: false }));
}
