/**
 * The unfriendly data through the whole pipeline, from real files to answers, against the slow oracle: partition by partition, in
 * random jumps, in one jump, on a base, with late and rewritten objects, with 1, 2 and 4 threads.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { systemClock } from '#src/base/time.js';
import type { IndexSettings } from '#src/coordinator/settings.js';
import { createRandom } from '#src/gen/random.js';
import { analyze } from '#src/kernel/analyze.js';
import { compileTemplate } from '#src/partition/template.js';
import { openIndex } from '#src/search/index-reader.js';
import { openStore } from '#src/store/open.js';
import { writeNastyObjects } from '../support/nasty-files.js';
import { afterLate, NASTY_TEMPLATE, type NastyObject, nastySet, rowsOf } from '../support/nasty-set.js';
import { type Expected, expectedOf, type InputValue } from '../support/oracle.js';
import { packageSettings, runWith, testPool } from '../support/package-index.js';
import { stringsOf } from '../support/reference-segment.js';
import { referenceTokens } from '../support/reference-tokenizer.js';

type Replace = 'record' | 'group';

const root = mkdtempSync(join(tmpdir(), 'tidemark-nasty-'));
const pools = new Map([1, 2, 4].map((threads) => [threads, testPool(threads)]));
after(async () => {
  for (const pool of pools.values()) await pool.close();
  rmSync(root, { recursive: true, force: true });
});

function settingsOf(source: string, index: string, replace: Replace): IndexSettings {
  const settings = packageSettings({ uri: source }, { uri: index });
  return {
    ...settings,
    source: { ...settings.source, partition: compileTemplate(NASTY_TEMPLATE) },
    schema: {
      id: 'id',
      group: 'group',
      version: 'updated_at',
      deleted: 'deleted',
      replace,
      fields: [
        { name: 'name', type: 'text', analyzer: 'standard' },
        { name: 'summary', type: 'text', analyzer: 'simple' },
        { name: 'keywords', type: 'keyword' },
        { name: 'label', type: 'keyword' },
        { name: 'downloads', type: 'i64' },
        { name: 'score', type: 'f64' },
      ],
      stored: ['label', 'keywords'],
    },
    maxRejectRatio: 1,
    gate: { minDocRatio: 0, maxKillRatio: 1 },
  };
}

function countTerms(counts: Map<string, number>, terms: Iterable<string>): void {
  for (const term of new Set(terms)) counts.set(term, (counts.get(term) ?? 0) + 1);
}

function sorted(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}

const text = (value: InputValue | undefined) => stringsOf(value as string | null);

/** What the oracle's rows must read as. */
function expectedState(expected: Expected) {
  const fields = { name: new Map(), summary: new Map(), keywords: new Map() };
  let downloads = 0n;
  for (const { fields: row } of expected.live.values()) {
    countTerms(fields.name, text(row.name).flatMap(referenceTokens.standard));
    countTerms(fields.summary, text(row.summary).flatMap(referenceTokens.simple));
    countTerms(fields.keywords, text(row.keywords));
    downloads += BigInt((row.downloads as bigint | number | null) ?? 0);
  }
  const documents = [...expected.live].map(([id, { fields: row }]) => [id, row.label ?? null]);
  return {
    documents: documents.sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1)),
    terms: Object.values(fields).map(sorted),
    downloads,
    counts: { docs: expected.docs, live: expected.live.size, killed: expected.killed, moved: expected.moved },
  };
}

/** The same, read from the index. */
async function actualState(index: string) {
  const reader = await openIndex(await openStore({ uri: index }, systemClock), { analyze });
  const documents: [string, unknown][] = [];
  for await (const { id, fields } of reader.liveDocuments()) documents.push([id, fields.label ?? null]);
  const terms: [string, number][][] = [];
  for (const field of ['name', 'summary', 'keywords']) {
    const counts = new Map<string, number>();
    for await (const { term, docFreq } of reader.terms(field)) counts.set(term, docFreq);
    terms.push(sorted(counts));
  }
  const { docs, live, killed, moved } = reader.snapshot.manifest.counts;
  return {
    documents: documents.sort(([a], [b]) => (a < b ? -1 : 1)),
    terms,
    downloads: BigInt(await reader.sumColumn('downloads')),
    counts: { docs, live, killed, moved },
  };
}

/** Ends of runs: every partition, none but the last, or some. */
function stepsOf(objects: readonly NastyObject[], kind: 'each' | 'one' | number): (number | undefined)[] {
  const times = [...new Set(objects.map(({ partitionTime }) => partitionTime))].sort((a, b) => a - b);
  if (kind === 'one') return [undefined];
  if (kind === 'each') return times;
  const random = createRandom(kind);
  return [...times.filter(() => random.chance(0.3)), undefined];
}

describe('unfriendly data', () => {
  const set = nastySet({ seed: 5 });
  const first = [...new Set(set.initial.map(({ partitionTime }) => partitionTime))].sort((a, b) => a - b);
  const plans = [
    { name: 'partition by partition, 2 threads', steps: 'each', threads: 2 },
    { name: 'in random jumps, 1 thread', steps: 3, threads: 1 },
    { name: 'in other jumps, 4 threads', steps: 8, threads: 4 },
    { name: 'in one jump, 2 threads', steps: 'one', threads: 2 },
  ] as const;
  for (const replace of ['record', 'group'] as const) {
    for (const { name, steps, threads } of plans) {
      it(`replace: ${replace}, ${name}, then late objects`, async () => {
        const source = join(root, `${replace}-${steps}`, 'source');
        const index = join(root, `${replace}-${steps}`, 'index');
        const store = await openStore({ uri: source }, systemClock);
        const pool = pools.get(threads)!;
        const settings = settingsOf(source, index, replace);
        // A few rows a shard, so that every partition is cut.
        const tiny = { ...settings, shardBytes: 512 };
        await writeNastyObjects(store, set.initial);
        for (const until of stepsOf(set.initial, steps)) await runWith({ pool, settings: tiny }, { until });
        assert.deepEqual(await actualState(index), expectedState(expectedOf(rowsOf(set.initial), { replace })));
        await writeNastyObjects(store, set.late);
        await runWith({ pool, settings });
        assert.deepEqual(await actualState(index), expectedState(expectedOf(rowsOf(afterLate(set)), { replace })));
      });
    }

    it(`replace: ${replace}, on a base of the first six partitions`, async () => {
      const source = join(root, `${replace}-base`, 'source');
      const index = join(root, `${replace}-base`, 'index');
      await writeNastyObjects(await openStore({ uri: source }, systemClock), set.initial);
      const settings = settingsOf(source, index, replace);
      await runWith({ pool: pools.get(2)!, settings }, { base: true, until: first[5] });
      for (const until of [first[9], undefined]) await runWith({ pool: pools.get(2)!, settings }, { until });
      assert.deepEqual(await actualState(index), expectedState(expectedOf(rowsOf(set.initial), { replace })));
    });
  }

  it('tells the two rules apart', () => {
    const rows = rowsOf(set.initial);
    const record = expectedOf(rows, { replace: 'record' });
    const group = expectedOf(rows, { replace: 'group' });
    assert.notDeepEqual([...record.live.keys()].sort(), [...group.live.keys()].sort());
  });
});
