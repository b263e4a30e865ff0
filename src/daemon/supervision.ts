/** What a daemon and its watchdog tell each other, over the channel between a process and its child. They share nothing else but exit codes. */
import type { IndexPulse } from './pulse.js';

/** The trigger grid on the way to a successor: by the monotonic clock that all processes of a machine share. */
export interface HandedGrid {
  /** When tick 0 was due, µs. */
  readonly startUs: number;
  readonly everyMs: number;
  /** First tick that is the successor's, by index. */
  readonly ticks: Readonly<Record<string, number>>;
}

export type FromDaemon =
  /** Sent all the time: its absence means that the event loop stands still. */
  | { readonly kind: 'beat'; readonly indexes: readonly IndexPulse[]; readonly grid: HandedGrid | undefined }
  /** Stores are open and threads are warm: waits for `go`. */
  | { readonly kind: 'ready' }
  /** Wants to be replaced, and works on until `release`. */
  | { readonly kind: 'leaving'; readonly reason: string }
  /** Begins no further run; the ticks to come are the successor's. */
  | { readonly kind: 'released'; readonly grid: HandedGrid };

export type FromWatchdog =
  /** The word to begin, on the grid of the daemon before it; without one it begins a grid of its own. */
  | { readonly kind: 'go'; readonly grid: HandedGrid | undefined }
  /** A successor is warm: leave at the next tick boundary. */
  | { readonly kind: 'release' }
  /** No successor came up: stay. */
  | { readonly kind: 'keep' };

/** Set in the environment of a child, so that it knows whom it talks to. */
export const CHILD_VARIABLE = 'TIDEMARK_WATCHDOG';

/** Exit codes that a watchdog acts on. */
export const EXIT_STOPPED = 0;
export const EXIT_CONFIG = 2;
export const EXIT_FENCED = 4;
export const EXIT_RESTART = 75;

/** Whether a message is one of ours: anything may be sent over a channel. */
export function isFromDaemon(message: unknown): message is FromDaemon {
  return hasKind(message, ['beat', 'ready', 'leaving', 'released']);
}

export function isFromWatchdog(message: unknown): message is FromWatchdog {
  return hasKind(message, ['go', 'release', 'keep']);
}

function hasKind(message: unknown, kinds: readonly string[]): boolean {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return false;
  return typeof message.kind === 'string' && kinds.includes(message.kind);
}
