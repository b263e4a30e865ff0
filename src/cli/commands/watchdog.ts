/** `tidemark watchdog -- tidemark run ..`: the external supervisor. */
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { ChildCommand } from '../../daemon/child.js';
import { watch } from '../../daemon/watchdog.js';
import { createLog } from '../../telemetry/log.js';
import { Exit } from '../exit.js';
import { duration } from '../options.js';
import { serviceNotifier } from '../service-manager.js';
import type { CommandContext } from '../terminal.js';

interface WatchdogFlags {
  readonly stall: number;
  readonly hang: number;
  readonly start: number;
  readonly grace: number;
}

const EXAMPLE = `
Example:
  $ tidemark watchdog -- tidemark run -c tidemark.yaml

Exit codes: that of the daemon where a new start would not mend it (0 stopped, 2 configuration, 4 fenced); 0 when asked to stop.`;

const STALL_MS = 10_000;
const HANG_MS = 600_000;
const START_MS = 120_000;
const GRACE_MS = 25_000;

export function addWatchdog(command: Command, context: CommandContext): void {
  command
    .argument('<command...>', 'the daemon and its words, after --')
    .option('--stall <time>', 'kill it after this long without a heartbeat (10s)', duration, STALL_MS)
    .option('--hang <time>', 'kill it when a phase of a run gets nowhere for this long (10m)', duration, HANG_MS)
    .option('--start <time>', 'kill it when it takes this long to be ready (2m)', duration, START_MS)
    .option('--grace <time>', 'how long it may take to leave (25s)', duration, GRACE_MS)
    .addHelpText('after', EXAMPLE)
    .action(async (words: readonly string[], flags: WatchdogFlags) => {
      throw new Exit(await watch(watchdogOptions(words, flags, context)));
    });
}

function watchdogOptions(words: readonly string[], flags: WatchdogFlags, { terminal, clock, signal }: CommandContext) {
  const log = createLog({ stream: terminal.errStream, isPretty: terminal.errIsTty, clock });
  return {
    command: childCommand(words),
    bounds: { startMs: flags.start, stallMs: flags.stall, hangMs: flags.hang },
    graceMs: flags.grace,
    clock,
    log,
    signal,
    onHealth: serviceNotifier(process.env, clock, log),
  };
}

/** `tidemark` is this very program, wherever it is installed. */
function childCommand([file, ...words]: readonly string[]): ChildCommand {
  // What systemd says to the watchdog is not meant for the daemon.
  const { NOTIFY_SOCKET: _socket, WATCHDOG_USEC: _usec, WATCHDOG_PID: _pid, ...environment } = process.env;
  if (file !== 'tidemark') return { file: file!, words, environment, speaks: false };
  const program = fileURLToPath(new URL('../../cli.js', import.meta.url));
  return { file: process.execPath, words: [...process.execArgv, program, ...words], environment, speaks: true };
}
