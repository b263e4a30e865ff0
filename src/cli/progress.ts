/** The progress bar of a run: on standard error, where a person watches it. */
import { Presets, SingleBar } from 'cli-progress';
import type { RunProgress } from '../coordinator/context.js';
import type { Phase } from '../coordinator/phases.js';
import { formatCount } from './format.js';
import type { Terminal } from './terminal.js';

export interface Progress {
  onPhase(phase: Phase): void;
  onProgress(progress: RunProgress): void;
  stop(): void;
}

const SILENT: Progress = { onPhase: () => undefined, onProgress: () => undefined, stop: () => undefined };

/** Shards of the partition at work as a bar; phase and documents beside it. Silent where standard error is no terminal. */
export function runProgress(terminal: Terminal, isJson: boolean): Progress {
  if (!terminal.errIsTty || isJson) return SILENT;
  const bar = new SingleBar(
    { stream: terminal.errStream, format: '{phase} {bar} {docs} documents', clearOnComplete: true, hideCursor: true },
    Presets.shades_classic,
  );
  let docs = 0;
  let phase: Phase = 'select';
  let shards = { done: 0, total: 1 };
  const show = () => {
    bar.setTotal(shards.total);
    bar.update(shards.done, { phase: phase.padEnd('select'.length), docs: formatCount(docs) });
  };
  bar.start(shards.total, 0, { phase, docs: '0' });
  return {
    onPhase(next) {
      phase = next;
      show();
    },
    onProgress(progress) {
      docs += progress.docs;
      // A finished partition's shards are full; the next one begins anew.
      const isNext = shards.done >= shards.total || shards.total !== progress.shards;
      shards = { done: isNext ? 1 : shards.done + 1, total: progress.shards };
      show();
    },
    stop: () => bar.stop(),
  };
}
