/**
 * The headline table, in under 10 minutes on two quiet cores.
 *
 *   npm run bench                 measures and rewrites docs/benchmarks.md with its plots
 *   npm run bench -- --smoke      the same at tiny sizes, into build/bench-results/
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderPlot } from '#src/plot/chart.js';
import { runNode } from './harness/child.js';
import { RESULTS_FOLDER, ROOT } from './harness/command.js';
import type { Report } from './harness/report.js';
import { PICTURES, renderHeadline } from './headline/page.js';
import { PLAN } from './headline/plan.js';
import { listScenarios } from './list.js';

const smoke = process.argv.includes('--smoke');
const scenarios = await listScenarios();
const reports: Report[] = [];
const start = performance.now();
for (const { name, flags } of PLAN) {
  console.error(`${((performance.now() - start) / 1_000).toFixed(0).padStart(4)} s  ${name} ${flags.join(' ')}`);
  const file = fileURLToPath(new URL(scenarios.get(name)!.file, import.meta.url));
  await runNode([file, ...(smoke ? ['--smoke'] : flags)]);
  reports.push(JSON.parse(readFileSync(join(RESULTS_FOLDER, `${name}.json`), 'utf8')) as Report);
}
const folder = smoke ? RESULTS_FOLDER : join(ROOT, 'docs');
mkdirSync(join(folder, PICTURES), { recursive: true });
for (const { name, plots } of reports) {
  for (const plot of plots) writeFileSync(join(folder, PICTURES, `${name}-${plot.name}.svg`), renderPlot(plot));
}
const page = renderHeadline(reports, (performance.now() - start) / 1_000);
writeFileSync(join(folder, 'benchmarks.md'), page);
console.log(page);
