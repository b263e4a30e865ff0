/**
 * Every scenario at its smallest size, then the gate: nothing is measured by it but that all of them work and tell figures.
 * Ends with `N passed, N failed`.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatVerdicts, judge } from './gate/judge.js';
import { runNode } from './harness/child.js';
import type { Report } from './harness/report.js';
import { listScenarios } from './list.js';

const out = mkdtempSync(join(tmpdir(), 'tidemark-smoke-'));
let [passed, failed] = [0, 0];
for (const [name, { file, scenario }] of await listScenarios()) {
  try {
    const { wallMs } = await runNode([fileURLToPath(new URL(file, import.meta.url)), '--smoke', '--out', out]);
    const defects = defectsOf(JSON.parse(readFileSync(join(out, `${scenario.name}.json`), 'utf8')) as Report);
    if (defects.length > 0) throw new Error(defects.join('; '));
    passed++;
    console.log(`ok      ${name.padEnd(20)} ${(wallMs / 1_000).toFixed(1)} s`);
  } catch (error) {
    failed++;
    console.log(`FAILED  ${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
rmSync(out, { recursive: true });
const verdicts = await judge();
console.log(formatVerdicts(verdicts));
passed += verdicts.filter(({ ok }) => ok).length;
failed += verdicts.filter(({ ok }) => !ok).length;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** What no result may lack, whatever its size. */
function defectsOf({ name, tables, figures, machine, command }: Report): string[] {
  const defects: string[] = [];
  if (tables.length === 0 || tables.some(({ rows }) => rows.length === 0)) defects.push('a table without rows');
  if (tables.some(({ rows, columns }) => rows.some((row) => row.length !== columns.length)))
    defects.push('a row of another length');
  if (Object.keys(figures).length === 0) defects.push('no figures');
  for (const [figure, value] of Object.entries(figures))
    if (!Number.isFinite(value)) defects.push(`${figure} is ${value}`);
  if (machine.cores < 1 || !command.includes(name)) defects.push('no machine or command');
  return defects;
}
