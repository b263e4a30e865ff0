/** `tidemark run`: the daemon, or one trigger of it. */
import type { Command } from 'commander';
import { TidemarkError } from '../../base/errors.js';
import type { Config } from '../../config/config.js';
import { type DaemonOptions, runTrigger } from '../../daemon/loop.js';
import { createLog } from '../../telemetry/log.js';
import { runAsDaemon } from '../daemon-process.js';
import { instant, readConfig } from '../options.js';
import { runProgress } from '../progress.js';
import { formatReport } from '../report-text.js';
import { openSession, type Session } from '../session.js';
import { type CommandContext, printJson } from '../terminal.js';

interface RunFlags {
  readonly config: string;
  readonly once?: true;
  readonly strict?: true;
  readonly standby?: true;
  readonly forceGate?: true;
  readonly until?: number;
  readonly json?: true;
}

const EXAMPLE = `
Examples:
  $ tidemark run -c tidemark.yaml
  $ tidemark run -c tidemark.yaml --once --json`;

export function addRun(command: Command, context: CommandContext): void {
  command
    .requiredOption('-c, --config <file>', 'configuration')
    .option('--once', 'one trigger, then end')
    .option('--strict', 'with --once: exit code 5 when the deadline was missed')
    .option('--standby', 'wait while another daemon leads, and take over once its heart has stopped')
    .option('--force-gate', 'with --once: commit though the gate refuses')
    .option('--until <time>', 'leave partitions after this time alone, and end when all before it are done', instant)
    .option('--json', 'with --once: print the report as JSON; else: print what the daemon did when it ends')
    .addHelpText('after', EXAMPLE)
    .action((flags: RunFlags) => run(flags, context));
}

async function run(flags: RunFlags, context: CommandContext): Promise<void> {
  if (flags.strict && !flags.once) {
    throw new TidemarkError('usage', '--strict stands without --once', { fix: 'add --once, or leave it out' });
  }
  if (flags.forceGate && !flags.once) {
    throw new TidemarkError('usage', '--force-gate stands without --once', {
      fix: 'add --once: a daemon that always passed its gate would have none',
    });
  }
  if (flags.standby && flags.once) {
    throw new TidemarkError('usage', '--standby stands beside --once', { fix: 'leave one of them out' });
  }
  const config = await readConfig(flags.config);
  if (!flags.once) {
    await runAsDaemon(config, flags, context);
    return;
  }
  const session = await openSession(config, context);
  try {
    await runOneTrigger(session, config, flags, context);
  } finally {
    await session.close();
  }
}

function daemonOptions({ trigger }: Config, { until, forceGate }: RunFlags, context: CommandContext): DaemonOptions {
  const { terminal, clock, signal } = context;
  const log = createLog({ stream: terminal.errStream, isPretty: terminal.errIsTty, clock });
  return { everyMs: trigger.everyMs, deadlineMs: trigger.deadlineMs, until, forceGate, clock, log, signal };
}

/** One index's report is the JSON value itself; those of several are a list. */
async function runOneTrigger(session: Session, config: Config, flags: RunFlags, context: CommandContext) {
  const { terminal } = context;
  const progress = runProgress(terminal, flags.json === true);
  const reports: object[] = [];
  let missed = 0;
  try {
    for (const index of session.indexes) {
      const options = daemonOptions(config, flags, context);
      const report = await runTrigger(index, { ...options, progress });
      progress.stop();
      if (report.outcome === 'missed') missed++;
      reports.push(report);
      if (!flags.json) terminal.out(formatReport(report));
    }
  } finally {
    progress.stop();
  }
  if (flags.json) printJson(terminal, reports.length === 1 ? reports[0] : reports);
  if (missed === 0 || !flags.strict) return;
  throw new TidemarkError('deadline', `the run took longer than its ${config.trigger.deadlineMs} ms`, {
    fix: 'raise trigger.deadline, or give the build more threads; the index is committed all the same',
  });
}
