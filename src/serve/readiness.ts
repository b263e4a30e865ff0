/** Is every index fresh enough to answer for? */
import type { DaemonView } from './daemon-view.js';

export interface Readiness {
  readonly ready: boolean;
  /** Why not, by index. */
  readonly reasons: Readonly<Record<string, string>>;
}

export function readinessOf({ indexes, staleMs, isDraining }: DaemonView): Readiness {
  const reasons: Record<string, string> = {};
  for (const { name, isFenced, sinceGoodMs } of indexes) {
    if (isFenced) reasons[name] = 'another daemon leads';
    else if (sinceGoodMs === undefined) reasons[name] = 'no run has ended well yet';
    else if (sinceGoodMs > staleMs) reasons[name] = `no run has ended well for ${Math.round(sinceGoodMs / 1_000)} s`;
    else if (isDraining) reasons[name] = 'draining';
  }
  return { ready: Object.keys(reasons).length === 0, reasons };
}
