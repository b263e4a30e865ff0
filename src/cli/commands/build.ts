/** `tidemark build`: everything ready under the source, in one shot. */
import type { Command } from 'commander';
import { runOnce } from '../../coordinator/run.js';
import { addBuildFlags, type ConfigFlags, configOf } from '../build-flags.js';
import { instant } from '../options.js';
import { runProgress } from '../progress.js';
import { formatReport } from '../report-text.js';
import { openSession } from '../session.js';
import { type CommandContext, printJson } from '../terminal.js';

interface BuildOptions extends ConfigFlags {
  readonly base?: true;
  readonly passOver?: true;
  readonly forceGate?: true;
  readonly until?: number;
  readonly json?: true;
}

const EXAMPLE = `
Example:
  $ tidemark build --source demo/data/packages --index /tmp/index --id package --version updated_at \\
      --deleted deleted --text name,summary --keyword keywords --numeric downloads --stored name`;

export function addBuild(command: Command, context: CommandContext): void {
  addBuildFlags(command)
    .option('--base', 'build a new base instead of a delta')
    .option('--pass-over', 'commit without the partitions whose data is bad')
    .option('--force-gate', 'commit though the gate refuses')
    .option('--until <time>', 'leave partitions after this time alone', instant)
    .option('--json', 'print the report as JSON')
    .addHelpText('after', EXAMPLE)
    .action((options: BuildOptions) => build(options, context));
}

async function build(options: BuildOptions, context: CommandContext): Promise<void> {
  const { terminal, signal } = context;
  const { base = false, passOver = false, until, forceGate } = options;
  const session = await openSession(await configOf(options, 'build'), context);
  const progress = runProgress(terminal, options.json === true);
  try {
    const [index] = session.indexes;
    const report = await runOnce(index!.deps, index!.settings, {
      base,
      passOver,
      until,
      forceGate,
      signal,
      onPhase: progress.onPhase,
      onProgress: progress.onProgress,
    });
    progress.stop();
    if (options.json) printJson(terminal, report);
    else terminal.out(formatReport(report));
  } finally {
    progress.stop();
    await session.close();
  }
}
