/** The command line: every command and what it is for; errors become exit codes in `main.ts`. */
import { Command } from 'commander';
import type { CommandContext } from './terminal.js';

/** Gives a command its words, its help and its work. */
type AddWords = (command: Command, context: CommandContext) => void;

interface CommandEntry {
  readonly name: string;
  readonly description: string;
  readonly load: () => Promise<AddWords>;
}

/** Loaded when asked for: all of them together take twice as long to start as a search needs. */
const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'demo',
    description: 'land real partitions in a local store, index each as it comes, search',
    load: async () => (await import('./commands/demo.js')).addDemo,
  },
  {
    name: 'run',
    description: 'keep an index up to date: one run a tick, until it is told to stop',
    load: async () => (await import('./commands/run.js')).addRun,
  },
  {
    name: 'watchdog',
    description: 'start a daemon, watch its heartbeat, and start it again when it hangs, dies or wants to be replaced',
    load: async () => (await import('./commands/watchdog.js')).addWatchdog,
  },
  {
    name: 'build',
    description: 'build everything ready under the source into a delta, or into a new base',
    load: async () => (await import('./commands/build.js')).addBuild,
  },
  {
    name: 'search',
    description: 'search an index',
    load: async () => (await import('./commands/search.js')).addSearch,
  },
  {
    name: 'terms',
    description: 'list the terms of a text or keyword field over live documents',
    load: async () => (await import('./commands/terms.js')).addTerms,
  },
  {
    name: 'inspect',
    description: 'show what an index holds, or how an input file is stored',
    load: async () => (await import('./commands/inspect.js')).addInspect,
  },
  {
    name: 'check',
    description: 'verify every checksum, order, count, key and kill of an index',
    load: async () => (await import('./commands/check.js')).addCheck,
  },
  {
    name: 'diff',
    description: 'show the documents, groups and terms that differ between two generations',
    load: async () => (await import('./commands/diff.js')).addDiff,
  },
  {
    name: 'export',
    description: 'write an index in the formats of other programs: CIFF, Parquet',
    load: async () => (await import('./commands/export.js')).addExport,
  },
  {
    name: 'rollback',
    description: "make an older generation's content the newest, and hold back what came since",
    load: async () => (await import('./commands/rollback.js')).addRollback,
  },
  {
    name: 'resume',
    description: 'let the partitions in again that a rollback holds back',
    load: async () => (await import('./commands/resume.js')).addResume,
  },
  {
    name: 'compact',
    description: 'fold base and old partitions into a new base',
    load: async () => (await import('./commands/compact.js')).addCompact,
  },
  {
    name: 'gc',
    description: 'delete what no reader and no writer can need any more',
    load: async () => (await import('./commands/gc.js')).addGc,
  },
  {
    name: 'gen',
    description: 'write seeded, realistic partitions: the same options give the same bytes',
    load: async () => (await import('./commands/gen.js')).addGen,
  },
  {
    name: 'tune',
    description: 'search threads, shard size and compression on your own partitions',
    load: async () => (await import('./commands/tune.js')).addTune,
  },
  {
    name: 'profile',
    description: 'record a build or a few triggers: CPU of all threads, trace, flame graph, memory',
    load: async () => (await import('./commands/profile.js')).addProfile,
  },
  {
    name: 'bench',
    description: 'measure freshness: the daemon beside a scheduled batch job',
    load: async () => (await import('./commands/bench.js')).addBench,
  },
];

const EXAMPLE = `
Example:
  $ tidemark demo --once

Exit codes: 0 ok, 1 unexpected, 2 usage or configuration, 3 bad data, gate or check, 4 fenced, 5 deadline missed, 75 planned restart.`;

/**
 * The program with those commands whole that `words` name, and the others by name. Never ends the process: what commander
 * would exit with is thrown.
 */
export async function createProgram(
  words: readonly string[],
  version: string,
  context: CommandContext,
): Promise<Command> {
  const { terminal } = context;
  const program = new Command('tidemark')
    .description('delta index builder: latest Parquet or Arrow partition in, one searchable delta segment out')
    .version(version, '-V, --version', 'print the version')
    // `build --version C` is its own option: those of the program stand before the command only.
    .enablePositionalOptions()
    .exitOverride()
    .showHelpAfterError('(--help shows what would be right)')
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.errStream.write(text) })
    .addHelpText('after', EXAMPLE);
  for (const { name, description, load } of COMMANDS) {
    const command = program.command(name).description(description);
    if (words.includes(name)) (await load())(command, context);
  }
  return program;
}
