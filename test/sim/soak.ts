/** `npm run soak -- --histories N --seed S`: as many histories as asked for, and what became of them. */
import { parseArgs } from 'node:util';
import { type FaultCounts, faultTable } from './faults.js';
import { playHistory } from './history.js';
import { planHistory } from './plan.js';

const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    verbose: { type: 'boolean', default: false },
  },
});
const first = Number(values.seed);
const histories = Number(values.histories);
const counts: FaultCounts = new Map();
let [failed, generations] = [0, 0];
const begun = process.cpuUsage();
for (let seed = first; seed < first + histories; seed++) {
  const result = await playHistory(planHistory(seed), counts, values.verbose);
  generations += result.generations;
  if (values.verbose) console.log(result.lines.join('\n'));
  if (result.violation === undefined) continue;
  failed++;
  console.log(`seed ${seed}: ${result.violation.message}\n  npm run soak -- --histories 1 --seed ${seed} --verbose`);
}
const { user, system } = process.cpuUsage(begun);
console.log(faultTable(counts));
console.log(`${histories} histories, ${generations} generations, ${failed} failed, ${((user + system) / 1e6).toFixed(1)} s`);
process.exitCode = failed > 0 ? 1 : 0;
