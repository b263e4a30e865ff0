/**
 * The performance gate: fails when the hot path became slower than its baseline allows.
 *
 *   npm run bench:gate                     judges; ends with `N passed, N failed`
 *   npm run bench:gate -- --update [RUNS]  writes bench/baselines/gate.json anew: counts, and ratios of this kind of machine
 *   npm run bench:gate -- --repeat N       judges N times, to see what noise does
 */
import { parseArgs } from 'node:util';
import { formatVerdicts, judge, updateBaselines } from './gate/judge.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { update: { type: 'boolean' }, repeat: { type: 'string', default: '1' } },
});
if (values.update) {
  await updateBaselines(Number(positionals[0] ?? 15), console.error);
} else {
  let [passed, failed] = [0, 0];
  for (let run = 0; run < Number(values.repeat); run++) {
    const verdicts = await judge();
    console.log(formatVerdicts(verdicts));
    passed += verdicts.filter(({ ok }) => ok).length;
    failed += verdicts.filter(({ ok }) => !ok).length;
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
