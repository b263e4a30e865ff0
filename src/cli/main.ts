/** Words in, exit code out. */
import { CommanderError } from 'commander';
import { describeError, EXIT_CODES, TidemarkError } from '../base/errors.js';
import { Exit } from './exit.js';
import { createProgram } from './program.js';
import type { CommandContext } from './terminal.js';

const EXIT_OK = 0;
const EXIT_UNEXPECTED = 1;

/** Runs one command and tells the process's exit code; errors stand on standard error by then. */
export async function main(words: readonly string[], version: string, context: CommandContext): Promise<number> {
  try {
    const program = await createProgram(words, version, context);
    await program.parseAsync([...words], { from: 'user' });
    return EXIT_OK;
  } catch (error) {
    return exitCodeOf(error, context);
  }
}

function exitCodeOf(error: unknown, { terminal, signal }: CommandContext): number {
  if (error instanceof Exit) return error.code;
  // Commander has printed its sentence, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_OK : EXIT_CODES.usage;
  if (signal.aborted) {
    terminal.err(describeError(signal.reason));
    return EXIT_CODES.cancelled;
  }
  if (error instanceof TidemarkError) {
    terminal.err(`${error.code === 'restart' ? '' : 'error: '}${describeError(error)}`);
    return EXIT_CODES[error.code];
  }
  // Anything else is a mistake of ours: where it happened is worth more than a tidy line.
  terminal.err(`unexpected error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return EXIT_UNEXPECTED;
}
