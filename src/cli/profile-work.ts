/** What a profile records: one build as `build` makes it, or the daemon for some triggers. */
import { sharedUs } from '../base/time.js';
import type { Config } from '../config/config.js';
import type { RunReport } from '../coordinator/report.js';
import { runOnce } from '../coordinator/run.js';
import { runDaemon } from '../daemon/loop.js';
import { type MemoryFigures, type NoteRun, type RecordOptions, record } from '../profile/record.js';
import type { Recording } from '../profile/recording.js';
import { createLog } from '../telemetry/log.js';
import type { ProfileOptions } from './commands/profile.js';
import { openSession, type Session } from './session.js';
import type { CommandContext } from './terminal.js';

const US_PER_MS = 1000;

export interface RecordedRuns {
  readonly recording: Recording;
  readonly result: readonly RunReport[];
}

/** Memory of this process by now. */
export function memoryFigures(): MemoryFigures {
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heapUsed, external };
}

/** Stores are opened inside the recording, or nobody would hear of their calls; the pool stays open. */
async function inSession(
  recorder: RecordOptions,
  config: Config,
  context: CommandContext,
  work: (session: Session, noteRun: NoteRun) => Promise<readonly RunReport[]>,
): Promise<RecordedRuns> {
  let session: Session | undefined;
  try {
    return await record(recorder, async (noteRun) => {
      session = await openSession(config, context, recorder.pool);
      return work(session, noteRun);
    });
  } finally {
    for (const { deps } of session?.indexes ?? []) {
      deps.source.close();
      deps.index.close();
    }
  }
}

export function recordBuild(
  recorder: RecordOptions,
  config: Config,
  options: ProfileOptions,
  context: CommandContext,
): Promise<RecordedRuns> {
  const { base = false, passOver = false, until } = options;
  return inSession(recorder, config, context, async (session, noteRun) => {
    const [index] = session.indexes;
    const startUs = sharedUs();
    const report = await runOnce(index!.deps, index!.settings, { base, passOver, until, signal: context.signal });
    noteRun('build', startUs);
    return [report];
  });
}

export function recordDaemon(
  recorder: RecordOptions,
  config: Config,
  { triggers, until }: ProfileOptions,
  context: CommandContext,
): Promise<RecordedRuns> {
  const { terminal, clock, signal } = context;
  const { everyMs, deadlineMs } = config.trigger;
  const log = createLog({ stream: terminal.errStream, isPretty: terminal.errIsTty, clock });
  return inSession(recorder, config, context, async (session, noteRun) => {
    const reports: RunReport[] = [];
    let startUs: number | undefined;
    await runDaemon(session.indexes, {
      everyMs,
      deadlineMs,
      until,
      maxTicks: triggers,
      clock,
      log,
      signal,
      progress: { onPhase: () => (startUs ??= sharedUs()) },
      onRun: (index, report) => {
        // A run that failed before this one told of phases too, but not of its end.
        const earliest = sharedUs() - (report.totalMs + 1) * US_PER_MS;
        noteRun(`${index} ${reports.length + 1}`, Math.max(startUs ?? earliest, earliest));
        startUs = undefined;
        reports.push(report);
      },
    });
    return reports;
  });
}
