/** `tidemark diff`: what differs between two generations of an index. */
import { type Command, InvalidArgumentError } from 'commander';
import { TidemarkError } from '../../base/errors.js';
import { listGenerations, readManifest } from '../../manifest/newest.js';
import { diffGenerations } from '../../search/diff.js';
import { openSnapshot } from '../../search/snapshot.js';
import type { Store } from '../../store/store.js';
import { formatDiff } from '../diff-text.js';
import { addIndexOptions, type IndexOptions, openIndexStore, requireManifest } from '../index-options.js';
import { wholeNumber } from '../options.js';
import { type CommandContext, printJson } from '../terminal.js';

interface DiffFlags extends IndexOptions {
  readonly limit: number;
  readonly json?: true;
}

const EXAMPLE = `
Examples:
  $ tidemark diff --index /tmp/index            # the newest generation against the one before
  $ tidemark diff --index /tmp/index 40 42 --limit 100 --json`;

const DEFAULT_LIMIT = 20;

export function addDiff(command: Command, context: CommandContext): void {
  command
    .argument('[before]', 'a generation (default: the one before the other)', generation)
    .argument('[after]', 'a generation (default: the newest)', generation);
  addIndexOptions(command)
    .option('--limit <count>', 'documents, groups and terms of a field that are listed', wholeNumber(0), DEFAULT_LIMIT)
    .option('--json', 'print the difference as JSON')
    .addHelpText('after', EXAMPLE)
    .action((before: number | undefined, after: number | undefined, flags: DiffFlags) =>
      runDiff(before, after, flags, context),
    );
}

function generation(text: string): number {
  if (/^[1-9][0-9]{0,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('write the number of a generation, for example 42.');
}

async function runDiff(
  before: number | undefined,
  after: number | undefined,
  flags: DiffFlags,
  context: CommandContext,
): Promise<void> {
  const { terminal, clock, signal } = context;
  const store = await openIndexStore(flags, clock);
  try {
    const to = after ?? (await requireManifest(store, signal)).generation;
    const from = before ?? (await generationBefore(store, to));
    const [first, second] = await Promise.all([
      openSnapshot(store, await readManifest(store, from, signal)),
      openSnapshot(store, await readManifest(store, to, signal)),
    ]);
    const diff = await diffGenerations(first, second, flags.limit);
    if (flags.json) printJson(terminal, diff);
    else terminal.out(formatDiff(diff));
  } finally {
    store.close();
  }
}

/** The newest generation below one that is still there. */
async function generationBefore(store: Store, generation: number): Promise<number> {
  const generations = await listGenerations(store);
  const found = generations.map((info) => info.generation).filter((other) => other < generation);
  if (found.length > 0) return found.at(-1)!;
  throw new TidemarkError('not-found', `there is no generation before ${generation}`, {
    where: { index: store.uri },
    fix: 'name two generations that are there',
  });
}
