/**
 * One partition from file to committed segment: median of several runs, 1 and 2 threads interleaved, on warm workers.
 *
 *   node build/bench/build.bench.js [FOLDER WITH PARQUET] [--runs N]
 *
 * Without a folder it generates the bench corpus: 200,000 documents, 62.9 MB of text, snappy, 10 row groups; and the same in one
 * row group, to see that the records of a single row group are shared out.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '#src/base/time.js';
import type { RunReport } from '#src/coordinator/report.js';
import { runOnce } from '#src/coordinator/run.js';
import type { IndexSettings } from '#src/coordinator/settings.js';
import { generate } from '#src/gen/generate.js';
import { GEN_PRESETS } from '#src/gen/options.js';
import { formatPartition } from '#src/partition/key.js';
import { compileTemplate } from '#src/partition/template.js';
import { Pool } from '#src/shard/pool.js';
import { openStore } from '#src/store/open.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '7' }, schema: { type: 'string' } },
});

const TEMPLATE = compileTemplate('dt=%Y-%m-%d/hour=%H/minute=%M');

const DEFAULT_SCHEMA = {
  id: 'package',
  group: 'scope',
  version: 'updated_at',
  deleted: 'deleted',
  text: ['name', 'summary'],
  keyword: ['keywords', 'version'],
  numeric: ['downloads'],
};

function settingsOf(source: string, index: string): IndexSettings {
  const schema = { ...DEFAULT_SCHEMA, ...(values.schema === undefined ? {} : JSON.parse(values.schema)) };
  return {
    source: {
      store: { uri: source },
      partition: TEMPLATE,
      start: undefined,
      coverage: { mode: 'disjoint', onGap: 'widen' },
      ready: { settleMs: 0, minObjects: 1, maxFutureSkewMs: 1e12, marker: undefined },
      onBadPartition: 'passOver',
    },
    schema: {
      id: schema.id,
      group: schema.group,
      version: schema.version,
      deleted: schema.deleted,
      replace: 'record',
      fields: [
        ...schema.text.map((name: string) => ({ name, type: 'text' as const, analyzer: 'standard' as const })),
        ...schema.keyword.map((name: string) => ({ name, type: 'keyword' as const })),
        ...schema.numeric.map((name: string) => ({ name, type: 'i64' as const })),
      ],
      stored: ['name'],
    },
    fingerprintOf: () => 'b'.repeat(64),
    index: { uri: index },
    maxRejectRatio: 0,
    gate: { minDocRatio: 0, maxKillRatio: 1 },
  };
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
}

async function measure(source: string, runs: number): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  const pools = [1, 2].map((threads) => new Pool({ threads, maxBytesInFlight: 1 << 30 }));
  const reports = new Map<number, RunReport[]>();
  for (let run = 0; run <= runs; run++) {
    for (const pool of pools) {
      const index = join(root, 'index');
      rmSync(index, { recursive: true, force: true });
      const settings = settingsOf(source, index);
      const deps = {
        source: await openStore(settings.source.store, systemClock),
        index: await openStore(settings.index, systemClock),
        pool,
        clock: systemClock,
      };
      const report = await runOnce(deps, settings, { base: false, passOver: false });
      // The first round warms threads and kernels up.
      if (run > 0) reports.set(pool.threads, [...(reports.get(pool.threads) ?? []), report]);
    }
  }
  for (const [threads, all] of reports) {
    const phase = (name: keyof RunReport['phases']) => median(all.map(({ phases }) => phases[name])).toFixed(0);
    const totals = all.map(({ totalMs }) => totalMs);
    console.log(
      `${threads} threads: ${median(totals)} ms (${Math.min(...totals)} to ${Math.max(...totals)}) for ${all[0]!.docs} documents: ` +
        `read ${phase('read')}, build ${phase('build')}, merge ${phase('merge')}, seal ${phase('seal')}, commit ${phase('commit')}`,
    );
  }
  const ratio = reports.get(1)!.map(({ totalMs }, i) => totalMs / reports.get(2)![i]!.totalMs);
  console.log(
    `1 over 2 threads: ${median(ratio).toFixed(2)} (${Math.min(...ratio).toFixed(2)} to ${Math.max(...ratio).toFixed(2)})`,
  );
  for (const pool of pools) await pool.close();
  rmSync(root, { recursive: true, force: true });
}

async function generated(root: string, name: string, groupRows: number): Promise<string> {
  const uri = join(root, name);
  const store = await openStore({ uri }, systemClock);
  await generate({ ...GEN_PRESETS.bench, groupRows }, { store, folderOf: (time) => formatPartition(TEMPLATE, time) });
  return uri;
}

const runs = Number(values.runs);
if (positionals[0] !== undefined) {
  await measure(positionals[0], runs);
} else {
  const root = mkdtempSync(join(tmpdir(), 'tidemark-corpus-'));
  console.log('ten row groups');
  await measure(await generated(root, 'ten', GEN_PRESETS.bench.groupRows), runs);
  console.log('one row group');
  await measure(await generated(root, 'one', GEN_PRESETS.bench.docs), runs);
  rmSync(root, { recursive: true, force: true });
}
