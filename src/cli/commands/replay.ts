/** `tidemark replay`: a generation made again from its pinned input, in a scratch index, and compared byte for byte. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { TidemarkError } from '../../base/errors.js';
import { newestGeneration, readManifest } from '../../manifest/newest.js';
import { openReplay } from '../../replay/context.js';
import { type ReplayReport, replay } from '../../replay/replay.js';
import { openStore } from '../../store/open.js';
import { addBuildFlags, type ConfigFlags, configOf } from '../build-flags.js';
import { formatTable } from '../format.js';
import { wholeNumber } from '../options.js';
import { openSession } from '../session.js';
import { type CommandContext, printJson } from '../terminal.js';

interface ReplayFlags extends ConfigFlags {
  readonly manifest?: number;
  readonly base?: true;
  readonly out?: string;
  readonly json?: true;
}

const EXAMPLE = `
Example:
  $ tidemark replay --manifest 42 -c tidemark.yaml

Exit codes: 0 the same bytes, 1 some input is gone, 3 other bytes.`;

export function addReplay(command: Command, context: CommandContext): void {
  addBuildFlags(command)
    .option('--manifest <generation>', 'which generation; the newest unless told', wholeNumber(1))
    .option('--base', 'make the base again as well')
    .option('--out <dir>', 'an empty folder for the scratch index, which is kept')
    .option('--json', 'print the findings as JSON')
    .addHelpText('after', EXAMPLE)
    .action((flags: ReplayFlags) => run(flags, context));
}

async function run(flags: ReplayFlags, context: CommandContext): Promise<void> {
  const config = await readWithIndex(flags);
  const folder = await scratchFolder(flags.out);
  const session = await openSession(config, context);
  try {
    const [{ deps, settings }] = session.indexes as [(typeof session.indexes)[number]];
    const generation = flags.manifest ?? (await newestGeneration(deps.index, { signal: context.signal }));
    if (generation === undefined) throw new TidemarkError('not-found', 'there is no index here: nothing was committed');
    const manifest = await readManifest(deps.index, generation, context.signal);
    const scratch = { store: await openStore({ uri: folder }, context.clock), config: { uri: folder } };
    const replayed = await openReplay(deps, settings, manifest, scratch, context.signal);
    const report = await replay(replayed, manifest, flags.base === true);
    scratch.store.close();
    if (flags.json) printJson(context.terminal, report);
    else context.terminal.out(formatReplay(report));
    conclude(report);
  } finally {
    await session.close();
    if (flags.out === undefined) await rm(folder, { recursive: true, force: true });
  }
}

/** `--index` beside a file names the same index again; where they differ, the file's source with another index is meant. */
async function readWithIndex({ index, ...flags }: ReplayFlags) {
  const config = await configOf(flags.config === undefined ? { ...flags, ...(index && { index }) } : flags, 'replay');
  if (flags.config === undefined || index === undefined) return config;
  const [only] = config.indexes;
  const store = { ...only!.index.store, uri: index };
  return { ...config, indexes: [{ ...only!, index: { ...only!.index, store } }] };
}

async function scratchFolder(out: string | undefined): Promise<string> {
  if (out === undefined) return mkdtemp(join(tmpdir(), 'tidemark-replay-'));
  const present = await readdir(out).catch(() => []);
  if (present.length === 0) return out;
  throw new TidemarkError('usage', `--out ${out} is not empty`, {
    fix: 'name a folder that is empty or not there yet',
  });
}

function conclude({ findings, generation }: ReplayReport): void {
  const different = findings.filter(({ verdict }) => verdict === 'different');
  const missing = findings.filter(({ verdict }) => verdict === 'missing');
  if (different.length > 0) {
    throw new TidemarkError(
      'corrupt',
      `generation ${generation} does not come out the same: ${different.length} objects differ`,
      {
        where: { object: different[0]!.object },
        fix: 'compare release and configuration with those of the time; if they are the same, run tidemark check',
      },
    );
  }
  if (missing.length === 0) return;
  throw new TidemarkError(
    'not-found',
    `generation ${generation} cannot be made again: ${missing.length} objects are out of reach`,
    {
      where: { object: missing[0]!.object },
      fix: 'what could be made again is the same; bring the input back to make all of it',
    },
  );
}

function formatReplay({ generation, parts, findings, ok }: ReplayReport): string {
  const title = `generation ${generation}: ${ok ? 'the same bytes' : 'not the same'}, ${parts} parts built anew`;
  const rows = findings.map(({ verdict, object, detail }) => [verdict, object, detail]);
  return `${[title, ...formatTable(rows).map((line) => `  ${line}`)].join('\n')}\n`;
}
