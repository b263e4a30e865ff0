/** The gate: what a new generation must satisfy before anyone may see it. */

import { TidemarkError } from '../base/errors.js';
import type { Manifest } from '../manifest/manifest.js';
import type { GateSettings } from './settings.js';

/** Fails with code `gate`; the generation before stays as it is. */
export function passGate(next: Manifest['counts'], previous: Manifest | undefined, gate: GateSettings): void {
  const before = previous?.counts.live ?? 0;
  if (next.live < before * gate.minDocRatio) {
    throw new TidemarkError('gate', `the new generation has ${next.live} live documents, the one before ${before}`, {
      fix: 'find out why so many are gone; lower gate.minDocRatio if that is right, or pass the gate once: --force-gate',
    });
  }
  if (next.docs > 0 && next.killed > next.docs * gate.maxKillRatio) {
    throw new TidemarkError('gate', `${next.killed} of ${next.docs} stored documents are superseded or deleted`, {
      fix: 'build a new base (build --base), raise gate.maxKillRatio, or pass the gate once: --force-gate',
    });
  }
}
