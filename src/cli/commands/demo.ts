/** `tidemark demo`: the main job on data that comes with the package, in a temporary folder. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { demoConfig } from '../../demo/configuration.js';
import { type DemoResult, type DemoRun, runDemo } from '../../demo/demo.js';
import { openStore } from '../../store/open.js';
import { createLog } from '../../telemetry/log.js';
import { demoAnswers, demoHead, demoRunLine } from '../demo-text.js';
import { openSession } from '../session.js';
import { type CommandContext, printJson } from '../terminal.js';

interface DemoFlags {
  readonly once?: true;
  readonly json?: true;
}

const DATA = fileURLToPath(new URL('../../../demo/data', import.meta.url));

const EXAMPLE = `
Example:
  $ tidemark demo --once`;

export function addDemo(command: Command, context: CommandContext): void {
  command
    .option('--once', 'one full pass as fast as it goes')
    .option('--json', 'print runs and answers as JSON')
    .addHelpText('after', EXAMPLE)
    .action((flags: DemoFlags) => demo(flags, context));
}

async function demo(flags: DemoFlags, context: CommandContext): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-demo-'));
  try {
    await demoIn(folder, flags, context);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function demoIn(folder: string, flags: DemoFlags, context: CommandContext): Promise<void> {
  const { terminal, clock, signal } = context;
  const isOnce = flags.once === true;
  const session = await openSession(demoConfig(join(folder, 'source'), join(folder, 'index'), isOnce), context);
  const data = {
    base: await openStore({ uri: join(DATA, 'packages-base') }, clock),
    deltas: await openStore({ uri: join(DATA, 'packages') }, clock),
  };
  const log = createLog({ stream: terminal.errStream, isPretty: terminal.errIsTty, clock });
  const show = (text: string) => {
    if (!flags.json) terminal.out(text);
  };
  try {
    show(demoHead(terminal.outHasColor));
    const { deps, settings } = session.indexes[0]!;
    const result = await runDemo({
      deps,
      settings,
      data,
      isOnce,
      clock,
      // The run lines tell what the log would, but for failures.
      log: { info: () => undefined, warn: () => undefined, error: log.error.bind(log) },
      signal,
      onRun: (run) => show(demoRunLine(run, terminal.outHasColor)),
    });
    show(demoAnswers(result, terminal.outHasColor));
    if (flags.json) printJson(terminal, jsonOf(result));
  } finally {
    data.base.close();
    data.deltas.close();
    await session.close();
  }
}

function jsonOf({ runs, searches, terms }: DemoResult): unknown {
  const { report } = runs.at(-1) as DemoRun;
  const { generation, watermark, docs, live, killed } = report;
  return { generation, watermark, docs, live, killed, runs: runs.map((run) => run.report), searches, terms };
}
