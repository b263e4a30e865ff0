/** Every answer of `explain`, on real small indexes. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { systemClock } from '#src/base/time.js';
import type { IndexSettings } from '#src/coordinator/settings.js';
import { explainDocument } from '#src/explain/document.js';
import type { Explanation } from '#src/explain/explanation.js';
import { explainGroup } from '#src/explain/group.js';
import { openExplain } from '#src/explain/open.js';
import { explainPartition } from '#src/explain/partition.js';
import type { Manifest } from '#src/manifest/manifest.js';
import { readNewest } from '#src/manifest/newest.js';
import { openStore } from '#src/store/open.js';
import { minuteFolder } from '../support/cli.js';
import { packageSettings, runWith, testPool } from '../support/package-index.js';

const root = mkdtempSync(join(tmpdir(), 'tidemark-explain-'));
const pool = testPool(1);
after(async () => {
  await pool.close();
  rmSync(root, { recursive: true, force: true });
});

interface Row {
  readonly id: string | null;
  readonly group?: string;
  readonly version?: number;
  readonly deleted?: boolean;
  readonly name?: string;
}

const at = (minute: number) => Date.UTC(2026, 4, 4, 1, minute);

function writeRows(path: string, rows: readonly Row[]): void {
  mkdirSync(dirname(path), { recursive: true });
  const column = <T>(name: string, type: 'STRING' | 'INT64' | 'BOOLEAN', data: readonly T[]) => ({
    name,
    type,
    data: [...data],
  });
  const columnData = [
    column(
      'id',
      'STRING',
      rows.map(({ id }) => id),
    ),
    column(
      'scope',
      'STRING',
      rows.map(({ group }) => group ?? 'g'),
    ),
    column(
      'version',
      'INT64',
      rows.map(({ version }) => BigInt(version ?? 1)),
    ),
    column(
      'deleted',
      'BOOLEAN',
      rows.map(({ deleted }) => deleted ?? false),
    ),
    column(
      'name',
      'STRING',
      rows.map(({ name }) => name ?? 'some words'),
    ),
  ];
  writeFileSync(path, Buffer.from(parquetWriteBuffer({ columnData })));
}

interface Setup {
  readonly settings: IndexSettings;
  land(minute: number, rows: readonly Row[], part?: string): string;
  run(): Promise<void>;
  doc(id: string, withSource?: boolean): Promise<Explanation>;
  group(key: string): Promise<Explanation>;
  partition(minute: number, change?: (manifest: Manifest) => Manifest): Promise<Explanation>;
}

async function setUp(
  name: string,
  change: (settings: IndexSettings) => IndexSettings = (same) => same,
): Promise<Setup> {
  const folder = join(root, name, 'source');
  mkdirSync(folder, { recursive: true });
  const plain = packageSettings({ uri: folder }, { uri: join(root, name, 'index') });
  const schema: IndexSettings['schema'] = {
    id: 'id',
    group: 'scope',
    version: 'version',
    deleted: 'deleted',
    replace: 'record',
    fields: [{ name: 'name', type: 'text', analyzer: 'standard' }],
    stored: [],
  };
  const settings = change({ ...plain, schema, maxRejectRatio: 0.6, gate: { minDocRatio: 0, maxKillRatio: 1 } });
  const index = await openStore(settings.index, systemClock);
  const store = await openStore(settings.source.store, systemClock);
  const open = async (withSource: boolean, edit: (manifest: Manifest) => Manifest = (same) => same) => {
    const source = withSource ? { store, settings: settings.source, idColumn: 'id' } : undefined;
    return openExplain(index, edit((await readNewest(index))!), source, systemClock, new AbortController().signal);
  };
  return {
    settings,
    land: (minute, rows, part = '0') => {
      const path = join(folder, minuteFolder(minute), `part-${part}.parquet`);
      writeRows(path, rows);
      return path;
    },
    run: async () => {
      await runWith({ pool, settings }, { passOver: true });
    },
    doc: async (id, withSource = true) => explainDocument(await open(withSource), id),
    group: async (key) => explainGroup(await open(false), key),
    partition: async (minute, edit) => explainPartition(await open(true, edit), at(minute)),
  };
}

/** Steps as lines, for patterns. */
const told = ({ visible, because }: Explanation) =>
  [`visible ${visible}`, ...because.map(({ step, detail }) => `${step}: ${detail}`)].join('\n');

describe('explain doc', () => {
  it('tells where a live document lies and what it supersedes, by rank and not by arrival', async () => {
    const { land, run, doc } = await setUp('rank');
    land(0, [{ id: 'x' }, { id: 'a', version: 7 }]);
    land(5, [{ id: 'a', version: 3 }]);
    await run();
    const text = told(await doc('a'));
    assert.match(
      text,
      /^visible true\nfound: .*minute=00\/part-0.parquet, row group 0, row 1\nrank: version 7, partition 2026-05-04T01:00:00Z\nsegment: segments\/.*, document 1\ngroup: g/,
    );
    assert.match(text, /\nsuperseded: .*minute=05.* \(version 3.*superseded by the row .*minute=00.*version 7/);
  });

  it('tells a deletion, an older one that no longer counts, and an id that nobody sent', async () => {
    const { land, run, doc } = await setUp('deleted');
    land(0, [{ id: 'a' }, { id: 'b', version: 2 }]);
    land(5, [
      { id: 'a', version: 2, deleted: true },
      { id: 'b', version: 1, deleted: true },
    ]);
    await run();
    const gone = told(await doc('a'));
    assert.match(gone, /^visible false\ntombstone: .*minute=05.*row 0 .*it deletes the id/);
    assert.match(gone, /superseded: .*minute=00.*superseded by the deletion .*minute=05/);
    assert.match(told(await doc('b')), /^visible true[\s\S]*tombstone: .*no longer in force/);
    assert.equal(told(await doc('zzz')), 'visible false\nabsent: no segment of generation 1 has a row of this id');
  });

  it('tells a group that was delivered again without it, a move, and a row that its own delivery outranks', async () => {
    const { land, run, doc, group } = await setUp('groups', (settings) => ({
      ...settings,
      schema: { ...settings.schema, replace: 'group' },
    }));
    land(0, [
      { id: 'a', group: 'shoes' },
      { id: 'b', group: 'shoes' },
      { id: 'm', group: 'hats' },
      { id: 'd', group: 'hats', version: 1 },
      { id: 'd', group: 'hats', version: 2 },
    ]);
    land(5, [
      { id: 'a', group: 'shoes' },
      { id: 'm', group: 'coats' },
    ]);
    await run();
    assert.match(
      told(await doc('b')),
      /^visible false\nsuperseded: .*group shoes was delivered again by partition 2026-05-04T01:05:00Z/,
    );
    assert.match(told(await doc('m')), /^visible true[\s\S]*the id has moved to group coats/);
    assert.match(told(await doc('d')), /^visible true[\s\S]*another row of the same delivery ranks higher/);
    const shoes = told(await group('shoes'));
    assert.match(
      shoes,
      /^visible true\ndelivery: .*01:05:00Z: 1 documents, 1 of them live, 0 deletions; the newest delivery/,
    );
    assert.match(
      shoes,
      /01:00:00Z: 2 documents, 0 of them live, 0 deletions; replaced whole by partition 2026-05-04T01:05:00Z/,
    );
    assert.match(told(await group('socks')), /^visible false\nabsent/);
  });

  it('tells a rejected row by its ledger, and rows of partitions that were not read, with the reason', async () => {
    const { land, run, doc } = await setUp('source', (settings) => ({
      ...settings,
      schema: { ...settings.schema, fields: [...settings.schema.fields, { name: 'id', type: 'keyword' }] },
    }));
    land(0, [{ id: 'good' }, { id: 'x'.repeat(40_000) }]);
    await run();
    const rejected = told(await doc('x'.repeat(40_000)));
    assert.match(
      rejected,
      /rejected: .*minute=00\/part-0.parquet, row group 0, row 1 of partition .*more than 32766 bytes/,
    );
    assert.match(told(await doc('x', false)), /rejected: 1 rows of partition .*with -c/);
    land(5, [{ id: 'waiting' }]);
    assert.match(
      told(await doc('waiting')),
      /^visible false\nabsent.*\nnot read: .*minute=05.*ready, and read by the next run/,
    );
    land(0, [{ id: 'latecomer' }], '1');
    assert.match(told(await doc('latecomer')), /not read: .*minute=00\/part-1.parquet.*late: it came or changed/);
  });
});

describe('explain partition', () => {
  it('tells one that is covered, its part, objects, segment and rejects, and what came late or went', async () => {
    const { land, run, partition } = await setUp('covered');
    const path = land(0, [{ id: 'a' }, { id: null }]);
    await run();
    const text = told(await partition(0));
    assert.match(
      text,
      /^visible true\ncovered: by generation 1\npart: parts\/.*, 2 rows: 1 documents, 0 deletions, 1 rejected\nobject: .*part-0.parquet, \d+ bytes, etag /,
    );
    assert.match(text, /\nsegment: parts\/.*\nrejected: .*row 1: no id/);
    assert.match(text, /\nready: by rule: settled/);
    land(0, [{ id: 'b' }], '1');
    assert.match(told(await partition(0)), /\nlate: .*part-1.parquet: late/);
    rmSync(dirname(path), { recursive: true });
    assert.match(told(await partition(0)), /\nsource: it is gone from the source/);
  });

  it('tells those that are not: not seen, not ready, quarantined, beyond the watermark, future, held, a gap', async () => {
    const { settings, land, run, partition } = await setUp('absent');
    land(0, [{ id: 'a' }]);
    land(10, [{ id: 'c' }]);
    const broken = land(5, [{ id: 'b' }]);
    writeFileSync(broken, 'no parquet');
    await run();
    assert.match(
      told(await partition(5)),
      /^visible false\nquarantined: skipped by generation 1: .*[\s\S]*not read: .*skipped as quarantined/,
    );
    assert.match(
      told(await partition(7)),
      /^visible false\nnot covered: generation 1 saw no such partition\nsource: there is no such partition/,
    );
    land(15, [{ id: 'd' }]);
    assert.match(
      told(await partition(15)),
      /not covered: it lies beyond the watermark, 2026-05-04T01:10:00Z[\s\S]*ready, and read by the next run/,
    );
    const span = { from: at(10), to: at(20) };
    assert.match(
      told(await partition(15, (manifest) => ({ ...manifest, held: [span] }))),
      /held: since a rollback[\s\S]*not read: .*held since a rollback/,
    );
    const gaps = (manifest: Manifest) => ({
      ...manifest,
      coverage: { ...manifest.coverage, gaps: [span], from: at(20) },
    });
    assert.match(told(await partition(15, gaps)), /gap: nothing that was read.*\nnot covered: the delta begins after/);
    Object.assign(settings.source.ready, { settleMs: 1e9 });
    assert.match(told(await partition(15)), /ready: settling: its newest object[\s\S]*not ready \(settling\)/);
  });

  it('tells what the base holds, and what will only come with the next one', async () => {
    const { settings, land, partition } = await setUp('base');
    land(0, [{ id: 'a' }]);
    land(10, [{ id: 'b' }]);
    await runWith({ pool, settings }, { base: true });
    assert.match(told(await partition(0)), /^visible true\nbase: in the base: its watermark is 2026-05-04T01:10:00Z$/);
    land(5, [{ id: 'c' }]);
    assert.match(told(await partition(5)), /^visible false\nbase: not in the base, and never read for a delta/);
    cpSync(join(root, 'base/source', minuteFolder(5)), join(root, 'base/source', minuteFolder(15)), {
      recursive: true,
    });
    assert.match(told(await partition(15)), /ready, and read by the next run/);
  });
});
