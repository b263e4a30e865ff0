/** `tidemark gc`: deletes what no reader and no writer can need any more. */
import type { Command } from 'commander';
import { collectGarbage, type GcReport } from '../../commit/gc.js';
import { formatBytes, formatCount, formatTable, formatUnit } from '../format.js';
import { addIndexOptions, type IndexOptions, openIndexStore } from '../index-options.js';
import { duration } from '../options.js';
import { type CommandContext, printJson } from '../terminal.js';

interface GcFlags extends IndexOptions {
  readonly keep: number;
  readonly dryRun?: true;
  readonly json?: true;
}

/** As `index.keep`. */
const DEFAULT_KEEP_MS = 24 * 3_600_000;

const EXAMPLE = `
Examples:
  $ tidemark gc --index /tmp/index --dry-run
  $ tidemark gc --index /tmp/index --keep 6h

Give the same --keep as the daemon's index.keep, or a longer one: its readers and writers count on it.`;

export function addGc(command: Command, context: CommandContext): void {
  addIndexOptions(command)
    .option('--keep <duration>', 'how long what nothing names any more is kept', duration, DEFAULT_KEEP_MS)
    .option('--dry-run', 'tell what would go, and delete nothing')
    .option('--json', 'print counts and bytes as JSON')
    .addHelpText('after', EXAMPLE)
    .action((flags: GcFlags) => run(flags, context));
}

async function run(flags: GcFlags, { terminal, clock, signal }: CommandContext): Promise<void> {
  const store = await openIndexStore(flags, clock);
  try {
    const report = await collectGarbage(store, {
      keepMs: flags.keep,
      dryRun: flags.dryRun === true,
      clock,
      signal,
    });
    if (flags.json) printJson(terminal, report);
    else terminal.out(formatGc(report));
  } finally {
    store.close();
  }
}

function formatGc({ dryRun, generation, retained, deleted, kept, uploads }: GcReport): string {
  const verb = dryRun ? 'would delete' : 'deleted';
  const rows = Object.entries(deleted).map(([kind, gone]) => {
    const stay = kept[kind as keyof typeof kept];
    return [kind, formatCount(gone.count), formatBytes(gone.bytes), formatCount(stay.count), formatBytes(stay.bytes)];
  });
  const table = formatTable([['', verb, '', 'kept', ''], ...rows], [1, 2, 3, 4]).map((line) => `  ${line}`);
  const title = `generation ${generation}, readers may be on ${formatUnit(retained, 'generation')}`;
  const rest = uploads === null ? [] : [`  ${formatUnit(uploads, 'half-written upload')} thrown away`];
  return `${[title, ...table, ...rest].join('\n')}\n`;
}
