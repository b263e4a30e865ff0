/** `tidemark resume`: lets the partitions in again that a rollback holds. */
import type { Command } from 'commander';
import { resume } from '../../commit/rollback.js';
import { addIndexOptions, type IndexOptions, openIndexStore } from '../index-options.js';
import { type CommandContext, printJson } from '../terminal.js';
import { lineOf } from './rollback.js';

interface ResumeFlags extends IndexOptions {
  readonly json?: true;
}

const EXAMPLE = `
Example:
  $ tidemark resume --index /tmp/index`;

export function addResume(command: Command, context: CommandContext): void {
  addIndexOptions(command)
    .option('--json', 'print the newest generation as JSON')
    .addHelpText('after', EXAMPLE)
    .action((flags: ResumeFlags) => run(flags, context));
}

async function run(flags: ResumeFlags, { terminal, clock, signal }: CommandContext): Promise<void> {
  const store = await openIndexStore(flags, clock);
  try {
    const { manifest, committed } = await resume(store, () => clock.now(), signal);
    if (flags.json) printJson(terminal, { ...lineOf(manifest), committed });
    else if (committed) terminal.out(`generation ${manifest.generation} holds nothing back: the next run reads on\n`);
    else terminal.out('no partition is held: nothing to do\n');
  } finally {
    store.close();
  }
}
