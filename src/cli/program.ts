/** The command line: every command, its words, its help; errors become exit codes in `main.ts`. */
import { Command } from 'commander';
import { addBuild } from './commands/build.js';
import { addCheck } from './commands/check.js';
import { addDemo } from './commands/demo.js';
import { addInspect } from './commands/inspect.js';
import { addRun } from './commands/run.js';
import { addSearch } from './commands/search.js';
import { addTerms } from './commands/terms.js';
import type { CommandContext } from './terminal.js';

const EXAMPLE = `
Example:
  $ tidemark demo --once

Exit codes: 0 ok, 1 unexpected, 2 usage or configuration, 3 bad data, gate or check, 4 fenced, 5 deadline missed.`;

/** Never ends the process: what commander would exit with is thrown. */
export function createProgram(context: CommandContext, version: string): Command {
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
  addDemo(program, context);
  addRun(program, context);
  addBuild(program, context);
  addSearch(program, context);
  addTerms(program, context);
  addInspect(program, context);
  addCheck(program, context);
  return program;
}
