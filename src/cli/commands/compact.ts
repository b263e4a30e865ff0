/** `tidemark compact`: folds base and old partitions into a new base, beside a running daemon. */
import type { Command } from 'commander';
import { type CompactReport, compactIndex } from '../../coordinator/compact.js';
import { formatCount, formatDuration, formatUnit, shortIso } from '../format.js';
import { readConfig } from '../options.js';
import { openSession } from '../session.js';
import { type CommandContext, printJson } from '../terminal.js';

interface CompactFlags {
  readonly config: string;
  readonly json?: true;
}

const EXAMPLE = `
Example:
  $ tidemark compact -c tidemark.yaml`;

export function addCompact(command: Command, context: CommandContext): void {
  command
    .requiredOption('-c, --config <file>', 'configuration')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', EXAMPLE)
    .action((flags: CompactFlags) => run(flags, context));
}

/** One index's report is the JSON value itself; those of several are a list. */
async function run(flags: CompactFlags, context: CommandContext): Promise<void> {
  const { terminal, signal } = context;
  const session = await openSession(await readConfig(flags.config), context);
  try {
    const reports: CompactReport[] = [];
    for (const { deps, settings } of session.indexes) {
      const report = await compactIndex(deps, settings, signal);
      reports.push(report);
      if (!flags.json) terminal.out(formatCompact(report));
    }
    if (flags.json) printJson(terminal, reports.length === 1 ? reports[0] : reports);
  } finally {
    await session.close();
  }
}

function formatCompact(report: CompactReport): string {
  const { committed, generation, baseWatermark, folded, purged, droppedTombstones, docs, live, totalMs } = report;
  if (!committed) return `nothing to fold: generation ${generation} stays\n`;
  return [
    `committed generation ${generation}, base up to ${baseWatermark === null ? 'nothing' : shortIso(baseWatermark)}`,
    `  ${formatUnit(folded, 'partition')} folded, ${formatUnit(purged, 'document')} and ${formatUnit(droppedTombstones, 'deletion')} left out, in ${formatDuration(totalMs)}`,
    `  ${formatCount(live)} live of ${formatCount(docs)} stored\n`,
  ].join('\n');
}
