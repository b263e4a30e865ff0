#!/usr/bin/env node
/** The process door: arguments, streams and signals in, exit code out. */
import { readFileSync } from 'node:fs';
import pc from 'picocolors';
import { TidemarkError } from './base/errors.js';
import { systemClock } from './base/time.js';
import { main } from './cli/main.js';

const packageJson = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** Width of what is written to no terminal. */
const PAGE_COLUMNS = 100;

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    // Asked twice, it does not wait for what is under way; the index is safe at every moment.
    if (stop.signal.aborted) process.exit(1);
    stop.abort(new TidemarkError('cancelled', `stopped on request (${name})`));
  });
}
// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await main(process.argv.slice(2), packageJson.version, {
  terminal: {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(`${text}\n`),
    errStream: process.stderr,
    outHasColor: process.stdout.isTTY === true && pc.isColorSupported,
    errIsTty: process.stderr.isTTY === true,
    columns: process.stdout.isTTY ? process.stdout.columns : PAGE_COLUMNS,
  },
  signal: stop.signal,
  clock: systemClock,
});
