/** `tidemark check`: is every byte, count and kill of an index what it should be? */
import type { Command } from 'commander';
import { TidemarkError } from '../../base/errors.js';
import { checkIndex, type IndexCheck } from '../check-index.js';
import { formatTable, formatUnit } from '../format.js';
import { addIndexOptions, type IndexOptions, openIndexStore } from '../index-options.js';
import { type CommandContext, printJson } from '../terminal.js';

interface CheckFlags extends IndexOptions {
  readonly json?: true;
}

const EXAMPLE = `
Example:
  $ tidemark check --index /tmp/index`;

export function addCheck(command: Command, context: CommandContext): void {
  addIndexOptions(command)
    .option('--json', 'print the defects as JSON')
    .addHelpText('after', EXAMPLE)
    .action((flags: CheckFlags) => check(flags, context));
}

/** Fails with code `corrupt` where there is a defect, after all of them were printed. */
async function check(flags: CheckFlags, { terminal, clock, signal }: CommandContext): Promise<void> {
  const store = await openIndexStore(flags, clock);
  try {
    const result = await checkIndex(store, signal);
    if (flags.json) printJson(terminal, result);
    else terminal.out(formatCheck(result));
    if (result.ok) return;
    throw new TidemarkError('corrupt', `the index has ${formatUnit(result.defects.length, 'defect')}`, {
      where: { index: store.uri },
      fix: 'restore the objects named, or build a new base (build --base)',
    });
  } finally {
    store.close();
  }
}

function formatCheck({ ok, generation, segments, docs, defects, notes }: IndexCheck): string {
  const scope = `generation ${generation}, ${formatUnit(segments, 'segment')}, ${formatUnit(docs, 'document')}`;
  const rows = defects.map(({ segment, section, message }) => [segment, section, message]);
  return `${[`${ok ? 'sound' : 'DEFECTIVE'}: ${scope}`, ...formatTable(rows).map((line) => `  ${line}`), ...notes.map((note) => `  ${note}`)].join('\n')}\n`;
}
