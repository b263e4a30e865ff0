/** A shard built and merged on one thread, nothing decoded and nothing written: interning, sorting and encoding, by field. */
import { Kernel } from '#src/kernel/kernel.js';
import type { PlannedField } from '#src/shard/task.js';
import { BENCH_PLAN, buildShards, mergeShards, openWorkload } from '../gate/workload.js';
import { runAsCommand } from '../harness/command.js';
import { measure, type Timing, time } from '../harness/measure.js';
import { scenario } from '../harness/scenario.js';
import { median } from '../harness/statistics.js';

export const shard = scenario({
  name: 'shard',
  describe:
    'Shards of decoded columns built in the kernel, then merged into a segment that goes nowhere, on one thread. The id is indexed in ' +
    'every row of the table, so `id alone` is what the others have in common.',
  defaults: { docs: 40_000, shards: 2, warmUps: 3, rounds: 9 },
  smoke: { docs: 400, warmUps: 0, rounds: 1 },
  async run({ docs, shards, ...options }) {
    const workload = await openWorkload(docs, shards);
    const kernels = { worker: Kernel.create(), main: Kernel.create() };
    const sets: readonly (readonly [name: string, fields: readonly PlannedField[]])[] = [
      ['id alone', []],
      ...BENCH_PLAN.fields.map((field) => [`id, ${field.name}`, [field]] as const),
      ['all', BENCH_PLAN.fields],
    ];
    const variants: Record<string, () => Promise<Timing>> = {};
    for (const [name, fields] of sets) {
      const plan = { ...BENCH_PLAN, fields };
      const built = await buildShards(kernels.worker, workload, plan);
      variants[`build ${name}`] = () => time(() => buildShards(kernels.worker, workload, plan));
      variants[`merge ${name}`] = () => time(() => mergeShards(kernels, built, plan));
    }
    const samples = await measure(variants, options);
    const ms = (name: string) => median(samples.get(name)!.map(({ wallMs }) => wallMs));
    return {
      tables: [
        {
          title: `${docs.toLocaleString('en-US')} documents in ${shards} shards, ms`,
          columns: ['fields', 'build', 'merge', 'both, us a document'],
          rows: sets.map(([name]) => {
            const [build, merge] = [ms(`build ${name}`), ms(`merge ${name}`)];
            return [name, build, merge, ((build + merge) * 1e3) / docs];
          }),
        },
      ],
      plots: [],
      figures: { buildMs: ms('build all'), mergeMs: ms('merge all') },
      notes: [`Kernel memory after it: ${(kernels.worker.memoryBytes / 1e6).toFixed(0)} MB.`],
    };
  },
});

await runAsCommand(shard, import.meta.url);
