/** Every scenario there is, found by its file: `<room>/<name>.bench.ts` exports one. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './harness/command.js';
import type { Scenario } from './harness/scenario.js';

/** Programs of other projects have a runner of their own, since they need other toolchains. */
const ASIDE = /^peers\//;

/** A scenario and its compiled file, relative to this one. */
export interface ListedScenario {
  readonly file: string;
  readonly scenario: Scenario;
}

/** By name; fails when two share one, or when a file exports none. */
export async function listScenarios(): Promise<ReadonlyMap<string, ListedScenario>> {
  // By the sources: compiled files may be left from others.
  const files = readdirSync(join(ROOT, 'bench'), { recursive: true })
    .map((path) => String(path).replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.bench.ts') && !ASIDE.test(path))
    .map((path) => path.replace(/\.ts$/, '.js'))
    .sort();
  const listed = new Map<string, ListedScenario>();
  for (const file of files) {
    const exported: Readonly<Record<string, unknown>> = await import(new URL(file, import.meta.url).href);
    const own = Object.values(exported).filter(isScenario);
    if (own.length === 0) throw new Error(`bench/${file} exports no scenario`);
    for (const scenario of own) {
      if (listed.has(scenario.name)) throw new Error(`two scenarios are called ${scenario.name}`);
      listed.set(scenario.name, { file, scenario });
    }
  }
  return listed;
}

function isScenario(value: unknown): value is Scenario {
  return typeof value === 'object' && value !== null && 'defaults' in value && 'smoke' in value && 'run' in value;
}
