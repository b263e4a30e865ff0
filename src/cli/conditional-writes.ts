/** Start-up check: a store that ignores `If-None-Match` would let two writers win the same commit. */
import { TidemarkError } from '../base/errors.js';
import { probeConditionalWrites } from '../store/probe.js';
import type { Store } from '../store/store.js';

/** Fails with code `config`; costs three or four requests. */
export async function refuseUnconditional(index: Store, signal: AbortSignal): Promise<void> {
  if ((await probeConditionalWrites(index, signal)) === 'honoured') return;
  throw new TidemarkError('config', 'the store ignores conditional writes, so two writers could both commit', {
    where: { index: index.uri },
    fix: 'use a store that honours If-None-Match: * on PUT',
  });
}
