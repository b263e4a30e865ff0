/** `tidemark rollback`: an older generation's content as the newest one, beside a running daemon. */
import type { Command } from 'commander';
import { toIso } from '../../base/time.js';
import { rollback } from '../../commit/rollback.js';
import type { Manifest } from '../../manifest/manifest.js';
import { addIndexOptions, type IndexOptions, openIndexStore } from '../index-options.js';
import { wholeNumber } from '../options.js';
import { type CommandContext, printJson } from '../terminal.js';

interface RollbackFlags extends IndexOptions {
  readonly to: number;
  readonly json?: true;
}

const EXAMPLE = `
Example:
  $ tidemark rollback --index /tmp/index --to 41
  $ tidemark resume --index /tmp/index`;

export function addRollback(command: Command, context: CommandContext): void {
  addIndexOptions(command)
    .requiredOption('--to <generation>', 'the generation whose content becomes the newest', wholeNumber(1))
    .option('--json', 'print the new generation as JSON')
    .addHelpText('after', EXAMPLE)
    .action((flags: RollbackFlags) => run(flags, context));
}

async function run(flags: RollbackFlags, { terminal, clock, signal }: CommandContext): Promise<void> {
  const store = await openIndexStore(flags, clock);
  try {
    const manifest = await rollback(store, flags.to, () => clock.now(), signal);
    if (flags.json)
      printJson(terminal, { ...lineOf(manifest), rolledBackTo: flags.to, rolledBackFrom: manifest.rolledBackFrom });
    else {
      terminal.out(`generation ${manifest.generation} has the content of generation ${flags.to}\n`);
      terminal.out(heldText(manifest));
    }
  } finally {
    store.close();
  }
}

/** What commands that move the line tell of its end. */
export function lineOf({ generation, epoch, watermark, held, counts }: Manifest) {
  return {
    generation,
    epoch,
    watermark: watermark === undefined ? null : toIso(watermark),
    held: held.map(({ from, to }) => ({ from: from === undefined ? null : toIso(from), to: toIso(to) })),
    live: counts.live,
  };
}

function heldText({ held }: Manifest): string {
  if (held.length === 0) return 'no partition is held: none was taken in since\n';
  const spans = held.map(({ from, to }) => `${from === undefined ? 'the beginning' : toIso(from)} to ${toIso(to)}`);
  return `partitions after ${spans.join(', after ')} are held until: tidemark resume\n`;
}
