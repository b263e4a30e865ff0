/** A scenario as a command: flags from its options, `--smoke`, results to the terminal and to files. */
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeMachine, peakMemoryBytes } from './machine.js';
import { type Report, renderMarkdown, writeReport } from './report.js';
import type { Options, OptionValue, Scenario } from './scenario.js';

/** Top of the checkout; compiled benches stand three folders below it. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Ignored by git. */
export const RESULTS_FOLDER = join(ROOT, 'build/bench-results');

/** Runs the scenario if its file is what Node was started with; importing it runs nothing. */
export async function runAsCommand(scenario: Scenario, moduleUrl: string): Promise<void> {
  const started = process.argv[1];
  if (started === undefined || realpathSync(started) !== realpathSync(fileURLToPath(moduleUrl))) return;
  try {
    await runCommand(scenario, process.argv.slice(2));
  } catch (error) {
    console.error(error instanceof UsageError ? error.message : error);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}

class UsageError extends Error {}

async function runCommand(scenario: Scenario, args: readonly string[]): Promise<void> {
  const { options, smoke, out, json, help } = parseFlags(scenario, args);
  if (help) {
    console.log(`${scenario.describe}\n\n${describeFlags(scenario)}`);
    return;
  }
  const report = await runScenario(scenario, options, { smoke, args, log: (line) => console.error(line) });
  const files = writeReport(out, report);
  console.log(json ? JSON.stringify(report) : renderMarkdown(report));
  console.error(files.join('\n'));
}

export interface RunScenarioOptions {
  readonly smoke: boolean;
  /** As given on the command line, for the report. */
  readonly args: readonly string[];
  readonly log: (line: string) => void;
}

/** Runs a scenario in this process and adds what it takes to make the result again. */
export async function runScenario(scenario: Scenario, options: Options, run: RunScenarioOptions): Promise<Report> {
  const machine = describeMachine();
  const startedAt = new Date().toISOString();
  const start = performance.now();
  const result = await scenario.run(options, run.log);
  const typed = scenario.script ?? `npm run bench:run -- ${scenario.name}`;
  const command = [typed, ...run.args.filter((arg) => arg !== '--json')].join(' ');
  const { name, describe } = scenario;
  return {
    name,
    describe,
    command,
    options,
    smoke: run.smoke,
    machine,
    startedAt,
    tookMs: Math.round(performance.now() - start),
    peakMemoryBytes: peakMemoryBytes(),
    ...result,
  };
}

/** Options of a scenario: its defaults, or those of its smoke run, with what is given instead. */
export function optionsOf(scenario: Scenario, smoke: boolean, given: Options = {}): Options {
  return { ...scenario.defaults, ...(smoke ? (scenario.smoke as Options) : {}), ...given };
}

/** Options and switches from the command line; fails with a sentence for what it cannot read. */
export function parseFlags(scenario: Scenario, args: readonly string[]) {
  const names = Object.keys(scenario.defaults);
  const flags = Object.fromEntries(names.map((name) => [toFlag(name), { type: 'string' as const }]));
  const switches = { smoke: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean' } } as const;
  let values: Readonly<Record<string, string | boolean | undefined>>;
  try {
    values = parseArgs({ args: [...args], options: { ...flags, ...switches, out: { type: 'string' } } }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${describeFlags(scenario)}`);
  }
  const smoke = values.smoke === true;
  const given = Object.fromEntries(
    names.flatMap((name) => {
      const value = values[toFlag(name)];
      return typeof value === 'string' ? [[name, readValue(name, value, scenario.defaults[name]!)]] : [];
    }),
  );
  const out = typeof values.out === 'string' ? values.out : RESULTS_FOLDER;
  return {
    options: optionsOf(scenario, smoke, given),
    smoke,
    out,
    json: values.json === true,
    help: values.help === true,
  };
}

function readValue(name: string, text: string, like: OptionValue): OptionValue {
  const number = (part: string) => {
    const value = Number(part);
    if (part.trim() === '' || !Number.isFinite(value))
      throw new UsageError(`--${toFlag(name)} is '${part}': give a number`);
    return value;
  };
  if (typeof like === 'number') return number(text);
  if (typeof like === 'string') return text;
  const parts = text.split(',');
  return typeof like[0] === 'number' ? parts.map(number) : parts;
}

function toFlag(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function describeFlags({ defaults }: Scenario): string {
  const own = Object.entries(defaults).map(([name, value]) => `  --${toFlag(name)} ${String(value) || "''"}`);
  return ['Flags and what they are unless told:', ...own, '  --smoke', '  --out FOLDER', '  --json'].join('\n');
}
