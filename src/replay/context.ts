/** What a replay works with: the committed index to read from, and a run's context whose index is a scratch one. */

import { TidemarkError } from '../base/errors.js';
import type { RunContext, RunDependencies } from '../coordinator/context.js';
import { knownTypesOf } from '../coordinator/known-types.js';
import { type PartRecord, readPartRecord } from '../coordinator/part-record.js';
import { PhaseTimer } from '../coordinator/phases.js';
import { resolveTypes } from '../coordinator/resolve-plan.js';
import { RunNotes } from '../coordinator/run-notes.js';
import { DEFAULT_KEEP_MS, type IndexSettings } from '../coordinator/settings.js';
import { storedChoices } from '../deadline/stored-fast.js';
import { threadKernel } from '../kernel/kernel.js';
import type { Manifest } from '../manifest/manifest.js';
import { DEFAULT_STORED_COMPRESSION } from '../segment/compress.js';
import { cancelFlag, raiseCancel } from '../shard/pool.js';
import type { Store, StoreConfig } from '../store/store.js';

export interface ReplayContext {
  /** The index that is replayed; nothing is written to it. */
  readonly committed: Store;
  /** As a run has it, over the scratch index. */
  readonly run: RunContext;
  /** The committed record of a segment. */
  recordOf(segmentKey: string): Promise<PartRecord | undefined>;
}

/** Fails with code `config` where the schema is not the one that the generation was built with. */
export async function openReplay(
  deps: RunDependencies,
  settings: IndexSettings,
  manifest: Manifest,
  scratch: { readonly store: Store; readonly config: StoreConfig },
  signal: AbortSignal,
): Promise<ReplayContext> {
  const { index: committed, pool, clock, source } = deps;
  const knownTypes = await knownTypesOf({ index: committed }, manifest);
  const schema = resolveTypes(settings.schema, [], knownTypes);
  const fingerprint = settings.fingerprintOf(schema);
  if (fingerprint !== manifest.schema.fingerprint) {
    throw new TidemarkError('config', 'the schema is not the one that the generation was built with', {
      where: { generation: manifest.generation },
      fix: 'give the configuration that was in force then',
    });
  }
  const cancel = cancelFlag();
  signal.addEventListener('abort', () => raiseCancel(cancel), { once: true });
  const stored = settings.stored ?? DEFAULT_STORED_COMPRESSION;
  const run: RunContext = {
    source,
    sourceConfig: settings.source.store,
    index: scratch.store,
    indexConfig: scratch.config,
    pool,
    kernel: threadKernel(),
    clock,
    phases: new PhaseTimer(clock),
    schema,
    fingerprint,
    knownTypes,
    // Its rejects were accepted when it was committed.
    maxRejectRatio: 1,
    stored,
    storedChoices: storedChoices(stored),
    // Nothing in the scratch index is named by a manifest: it is as new as this replay.
    named: new Set(),
    keepMs: DEFAULT_KEEP_MS,
    keptParts: new Map(),
    notes: new RunNotes(),
    shardBytes: settings.shardBytes,
    cancel,
    signal,
  };
  return { committed, run, recordOf: (segmentKey) => readPartRecord(committed, segmentKey) };
}
