/** Bulk exports, replayed into a plain map over several generations: it must hold what the index holds. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { systemClock } from '#src/base/time.js';
import { type BulkPlace, bulkActions } from '#src/export/bulk.js';
import { bulkLines } from '#src/export/bulk-lines.js';
import { createRandom } from '#src/gen/random.js';
import { readManifest } from '#src/manifest/newest.js';
import { openSnapshot } from '#src/search/snapshot.js';
import { openStore } from '#src/store/open.js';
import { tidemark } from '../support/cli.js';
import { testPool } from '../support/package-index.js';
import { type AdIndex, type AdRow, adIndex, landPatches, landRows, openAds, runAds } from '../support/patched-index.js';

const root = mkdtempSync(join(tmpdir(), 'tidemark-bulk-'));
const pool = testPool(1);
after(async () => {
  await pool.close();
  rmSync(root, { recursive: true, force: true });
});

type Documents = Map<string, Record<string, unknown>>;

/** What an engine does with the lines. */
function replay(lines: string, into: Documents): void {
  const rows = lines.split('\n').filter((line) => line !== '');
  for (let i = 0; i < rows.length; i++) {
    const action = JSON.parse(rows[i]!);
    if (action.index !== undefined) into.set(action.index._id, JSON.parse(rows[++i]!));
    else if (action.add !== undefined) into.set(action.add.doc.id, action.add.doc);
    else into.delete(typeof action.delete.id === 'string' ? action.delete.id : action.delete._id);
  }
}

async function documentsOf(index: AdIndex): Promise<Documents> {
  const reader = await openAds(index);
  const fields = ['title', 'bid', 'budget', 'stock', 'group'];
  const { hits } = await reader.search('*:*', { k: 1_000, fields });
  const found = hits.map(({ id, fields: values }): [string, Record<string, unknown>] => {
    return [id, { ...Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)), id }];
  });
  return new Map(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const sorted = (documents: Documents) => new Map([...documents].sort(([a], [b]) => (a < b ? -1 : 1)));

/** Lands a partition of a few random rows: updates, deletions, moves to other groups. */
function landRandom(index: AdIndex, minute: number, random: ReturnType<typeof createRandom>): void {
  const rows = Array.from({ length: 12 }, (): AdRow => {
    const id = `id${random.below(20)}`;
    const row = { id, group: `g${random.below(4)}`, version: BigInt(minute), deleted: random.chance(0.2) };
    return { ...row, title: `title ${random.below(100)}`, bid: random.below(9), budget: 1n, stock: 'in' };
  });
  landRows(index, minute, rows);
  landPatches(index, minute, [{ id: `id${random.below(20)}`, version: BigInt(minute), bid: 99, stock: 'out' }]);
}

describe('bulk export', () => {
  it('replayed generation by generation, and in jumps, comes to what the index holds', async () => {
    for (const replace of ['record', 'group'] as const) {
      const index = adIndex(join(root, replace), pool, { replace });
      const store = await openStore(index.settings.index, systemClock);
      const random = createRandom(7);
      const step = { documents: new Map() as Documents, generation: undefined as number | undefined };
      const jump = { documents: new Map() as Documents, generation: undefined as number | undefined };
      const advance = async (copy: typeof step, to: number, wholeGroups: boolean, format: 'solr' | 'opensearch') => {
        const open = async (generation: number) => openSnapshot(store, await readManifest(store, generation));
        const since = copy.generation === undefined ? undefined : await open(copy.generation);
        for await (const action of bulkActions({ since, now: await open(to), wholeGroups })) {
          replay(bulkLines(action, format), copy.documents);
        }
        copy.generation = to;
        assert.deepEqual(sorted(copy.documents), await documentsOf(index), `${replace}, generation ${to}`);
      };
      for (let minute = 1; minute <= 6; minute++) {
        landRandom(index, minute, random);
        const { generation } = await runAds(index);
        await advance(step, generation, false, 'opensearch');
        if (minute % 3 === 0) await advance(jump, generation, true, 'solr');
      }
    }
  });

  it('re-sends each touched group complete, and goes on behind any place', async () => {
    const index = adIndex(join(root, 'groups'), pool);
    const row = (id: string, group: string, version: bigint): AdRow => ({
      id,
      group,
      version,
      title: `${id}${version}`,
    });
    landRows(index, 1, [row('a', 'g', 1n), row('b', 'g', 1n), row('c', 'h', 1n), row('d', 'k', 1n)]);
    await runAds(index);
    landRows(index, 2, [row('a', 'g', 2n), row('c', 'g', 2n)]);
    await runAds(index);
    const store = await openStore(index.settings.index, systemClock);
    const [since, now] = await Promise.all(
      [1, 2].map(async (generation) => openSnapshot(store, await readManifest(store, generation))),
    );
    const idsFrom = async (place: BulkPlace | undefined) => {
      const found: [string, BulkPlace][] = [];
      for await (const { id, place: at } of bulkActions({ since, now: now!, wholeGroups: true, after: place }))
        found.push([id, at]);
      return found;
    };
    const all = await idsFrom(undefined);
    assert.deepEqual(
      all.map(([id]) => id),
      ['a', 'b', 'c'],
    );
    assert.deepEqual(await idsFrom(all.at(-1)![1]), []);
    const plain = [];
    for await (const { id, place } of bulkActions({ since, now: now!, wholeGroups: false })) plain.push({ id, place });
    assert.deepEqual(
      plain.map(({ id }) => id),
      ['a', 'c'],
    );
    const rest = [];
    for await (const { id } of bulkActions({ since, now: now!, wholeGroups: false, after: plain[0]!.place }))
      rest.push(id);
    assert.deepEqual(rest, ['c']);
  });

  it('by the command line resumes a file where it broke off, and refuses what is not stored', async () => {
    const index = adIndex(join(root, 'cli'), pool);
    const rows = Array.from(
      { length: 2_500 },
      (_, i): AdRow => ({ id: `id${i}`, group: 'g', version: 1n, title: `t ${i}` }),
    );
    landRows(index, 1, rows);
    await runAds(index);
    const file = join(root, 'out.ndjson');
    const { uri } = index.settings.index;
    const words = ['export', 'bulk', '--index', uri, '--out', file];
    assert.equal((await tidemark(...words)).code, 0);
    const whole = readFileSync(file);
    // The last batch was written and its position was not: the file is cut back to the position before.
    const last = JSON.parse(Buffer.from(readFileSync(`${file}.position`, 'utf8'), 'base64url').toString());
    const ends = whole.toString().split('\n').slice(0, 4_000).join('\n').length + 1;
    const key = Buffer.from(JSON.parse(whole.toString().split('\n')[3_998]!).index._id).toString('hex');
    const earlier = { ...last, place: { stage: 'documents', key }, bytes: ends };
    writeFileSync(`${file}.position`, Buffer.from(JSON.stringify(earlier)).toString('base64url'));
    writeFileSync(file, Buffer.concat([whole.subarray(0, ends), Buffer.from('{"index":{"_i')]));
    assert.equal((await tidemark(...words, '--resume')).code, 0);
    assert.deepEqual(readFileSync(file), whole);

    const bare = adIndex(join(root, 'bare'), pool);
    const unstored = { ...bare, settings: { ...bare.settings, schema: { ...bare.settings.schema, stored: [] } } };
    landRows(bare, 1, [{ id: 'a', title: 'x' }]);
    await runAds(unstored);
    const refused = await tidemark('export', 'bulk', '--index', bare.settings.index.uri);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /text of title is not stored/);
  });
});
