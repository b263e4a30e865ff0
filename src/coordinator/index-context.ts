/** What every piece of work on an index is given, whatever it makes of it. */
import { storedChoices } from '../deadline/stored-fast.js';
import { threadKernel } from '../kernel/kernel.js';
import type { Manifest } from '../manifest/manifest.js';
import { DEFAULT_STORED_COMPRESSION } from '../segment/compress.js';
import { cancelFlag } from '../shard/pool.js';
import type { RunContext, RunDependencies } from './context.js';
import type { PhaseTimer } from './phases.js';
import { namedObjects } from './reuse-object.js';
import { RunNotes } from './run-notes.js';
import { DEFAULT_KEEP_MS, type IndexSettings } from './settings.js';

/** The rest tells a run from a compaction: which schema holds, and which parts are kept. */
type IndexContext = Omit<RunContext, 'schema' | 'fingerprint' | 'knownTypes' | 'keptParts' | 'onProgress'>;

export function indexContext(
  deps: RunDependencies,
  settings: IndexSettings,
  previous: Manifest | undefined,
  phases: PhaseTimer,
  signal: AbortSignal,
): IndexContext {
  const stored = settings.stored ?? DEFAULT_STORED_COMPRESSION;
  return {
    ...deps,
    sourceConfig: settings.source.store,
    indexConfig: settings.index,
    kernel: threadKernel(),
    phases,
    maxRejectRatio: settings.maxRejectRatio,
    named: namedObjects(previous),
    keepMs: settings.keepMs ?? DEFAULT_KEEP_MS,
    stored,
    storedChoices: storedChoices(stored),
    notes: new RunNotes(),
    shardBytes: settings.shardBytes,
    cancel: cancelFlag(),
    signal,
  };
}
