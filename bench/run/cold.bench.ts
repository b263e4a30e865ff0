/** `tidemark build` as a fresh process: start, compile, build, commit, end. */
import { join } from 'node:path';
import { buildArguments, type ChildRun, runNode } from '../harness/child.js';
import { runAsCommand } from '../harness/command.js';
import { corpus } from '../harness/corpus.js';
import { withFolder } from '../harness/index-run.js';
import { measure } from '../harness/measure.js';
import { scenario } from '../harness/scenario.js';
import { median } from '../harness/statistics.js';

export const cold = scenario({
  name: 'cold',
  describe:
    'The command `tidemark build` on the bench corpus as a fresh process each time, from before its start until after its end, beside ' +
    '`tidemark --version`, which is the start of Node and of the command line alone.',
  defaults: { source: '', docs: 200_000, warmUps: 1, rounds: 7 },
  smoke: { docs: 500, warmUps: 0, rounds: 1 },
  async run(options, log) {
    const source = options.source === '' ? (await corpus({ docs: options.docs })).uri : options.source;
    const build = () => withFolder((folder) => runNode(buildArguments(source, join(folder, 'index'))));
    const start = () => runNode([buildArguments('', '')[0]!, '--version']);
    const onRound = (round: number, rounds: number) => log(`round ${round} of ${rounds}`);
    const samples = await measure({ build, start }, { ...options, onRound });
    const row = (name: string, runs: readonly ChildRun[]) => {
      const walls = runs.map(({ wallMs }) => wallMs);
      const peak = Math.max(...runs.map(({ peakMemoryBytes }) => peakMemoryBytes));
      return [name, median(walls), Math.min(...walls), Math.max(...walls), peak / 1e6];
    };
    const builds = samples.get('build')!;
    return {
      tables: [
        {
          title: 'Whole processes, ms',
          columns: ['process', 'median', 'fastest', 'slowest', 'peak memory MB'],
          rows: [row('tidemark build', builds), row('tidemark --version', samples.get('start')!)],
        },
      ],
      plots: [],
      figures: {
        coldMs: median(builds.map(({ wallMs }) => wallMs)),
        coldPeakMemoryBytes: Math.max(...builds.map(({ peakMemoryBytes }) => peakMemoryBytes)),
      },
      notes: ['The file stands in the cache of the operating system; code caches of Node do not outlive a process.'],
    };
  },
});

await runAsCommand(cold, import.meta.url);
