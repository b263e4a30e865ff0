/** Build from flags on real partitions, then every command that reads: JSON shapes, human output, exit codes. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { buildFlags, DEMO_DELTAS, landMinutes, minuteFolder, tidemark, tidemarkJson } from '../support/cli.js';

const root = mkdtempSync(join(tmpdir(), 'tidemark-cli-'));
after(() => rmSync(root, { recursive: true, force: true }));

const source = join(root, 'source');
const index = join(root, 'index');

interface Report {
  readonly generation: number;
  readonly watermark: string;
  readonly closeReason: string;
  readonly outcome: string;
  readonly docs: number;
  readonly live: number;
  readonly killed: number;
  readonly rejected: number;
  readonly builtDocs: number;
  readonly skipped: readonly { readonly time: string; readonly reason: string }[];
  readonly ignored: readonly { readonly key: string; readonly reason: string }[];
  readonly segments: readonly { readonly name: string; readonly bytes: number; readonly docs: number }[];
  readonly phases: Readonly<Record<string, number>>;
  readonly totalMs: number;
  readonly freshnessMs: number;
}

describe('tidemark on an index of its own', () => {
  let base: Report;
  let delta: Report;

  before(async () => {
    landMinutes(source, 0);
    base = await tidemarkJson<Report>(...buildFlags(source, index), '--base');
    landMinutes(source, 5, 10);
    mkdirSync(join(source, 'dt=yesterday/hour=01/minute=00'), { recursive: true });
    writeFileSync(join(source, 'dt=yesterday/hour=01/minute=00/part-0000.parquet'), 'no partition');
    delta = await tidemarkJson<Report>(...buildFlags(source, index), '--until', '2026-05-04T01:05:00Z');
  });

  it('reports a base and a delta as the contract says', () => {
    assert.deepEqual([base.generation, base.docs, base.live, base.killed, base.rejected], [1, 1235, 1235, 0, 0]);
    assert.equal(base.watermark, '2026-05-04T01:00:00.000Z');
    assert.deepEqual(Object.keys(base.phases), ['select', 'read', 'build', 'merge', 'seal', 'commit']);
    assert.deepEqual(
      [delta.generation, delta.builtDocs, delta.closeReason, delta.outcome],
      [2, 1289, 'complete', 'met'],
    );
    assert.equal(delta.watermark, '2026-05-04T01:05:00.000Z', 'the partition after --until is left alone');
    assert.equal(delta.docs, delta.live + delta.killed);
    assert.deepEqual(
      delta.segments.map(({ docs }) => docs),
      [1235, 1289],
    );
    assert.ok(delta.totalMs > 0 && delta.freshnessMs > 0);
  });

  it('names a folder that is no partition, with the reason', () => {
    const [ignored, ...more] = delta.ignored;
    assert.equal(more.length, 0);
    assert.match(ignored!.key, /^dt=yesterday\//);
    assert.notEqual(ignored!.reason, '');
  });

  it('says so where there is nothing new, and goes on where there is', async () => {
    const again = await tidemark(...buildFlags(source, index), '--until', '2026-05-04T01:05:00Z');
    assert.equal(again.code, 0);
    assert.match(again.stdout, /^nothing new: generation 2, watermark 2026-05-04T01:05:00Z\n/);
    assert.match(again.stdout, /ignored\n +dt=yesterday/);
    const copy = join(root, 'copy');
    cpSync(index, copy, { recursive: true });
    const further = await tidemark(...buildFlags(source, copy));
    assert.match(further.stdout, /^committed generation 3, watermark 2026-05-04T01:10:00Z/);
  });

  it('searches: hits with id, score and stored fields', async () => {
    const words = ['search', '--index', index, 'react table', '-k', '3'];
    const result = await tidemarkJson<{
      total: number;
      totalRelation: string;
      tookMs: number;
      hits: { id: string; score: number; fields: Record<string, unknown> }[];
    }>(...words);
    assert.equal(result.totalRelation, 'eq');
    assert.equal(result.hits.length, 3);
    assert.ok(result.total > 3 && result.tookMs > 0);
    assert.deepEqual(Object.keys(result.hits[0]!.fields), ['name', 'version']);
    assert.ok(result.hits[0]!.score >= result.hits[1]!.score);
    const shown = await tidemark(...words);
    assert.match(shown.stdout, /^\d+ hits in [\d.]+ ms\n {2}1 {2}\d+\.\d{3} {2}\S+ +name: /);
  });

  it('counts, filters and sorts', async () => {
    const words = ['search', '--index', index, 'keywords:cli'];
    const all = await tidemarkJson<{ total: number }>(...words, '--count');
    assert.deepEqual(Object.keys(all), ['total']);
    const filter = ['--filter', 'downloads:[100000 TO *]'];
    const some = await tidemarkJson<{ total: number; hits: { fields: { downloads: number } }[] }>(
      ...words,
      ...filter,
      ...['--sort', 'downloads:desc', '--fields', 'name,downloads'],
    );
    assert.ok(some.total > 1 && some.total < all.total);
    const downloads = some.hits.map(({ fields }) => fields.downloads);
    assert.deepEqual(
      downloads,
      downloads.toSorted((a, b) => b - a),
    );
  });

  it('lists terms whose counts are those of the searches', async () => {
    const { field, terms } = await tidemarkJson<{
      field: string;
      terms: { term: string; docFreq: number; totalTermFreq: number }[];
    }>('terms', '--index', index, 'summary', 'typ');
    assert.equal(field, 'summary');
    assert.ok(terms.length > 1 && terms.every(({ term }) => term.startsWith('typ')));
    const typescript = terms.find(({ term }) => term === 'typescript')!;
    const { total } = await tidemarkJson<{ total: number }>(
      ...['search', '--index', index, 'summary:typescript', '--count'],
    );
    assert.equal(typescript.docFreq, total);
    assert.ok(typescript.totalTermFreq >= total);
  });

  it('inspects the index: the manifest, and a text for people', async () => {
    const manifest = await tidemarkJson<{
      generation: number;
      watermark: string;
      counts: { docs: number; live: number; killed: number };
      coverage: { partitions: unknown[] };
      base: { segments: unknown[] };
      delta: { segments: unknown[] };
    }>('inspect', '--index', index);
    assert.equal(manifest.watermark, delta.watermark);
    assert.deepEqual([manifest.counts.docs, manifest.counts.live], [delta.docs, delta.live]);
    assert.deepEqual([manifest.base.segments.length, manifest.delta.segments.length], [1, 1]);
    assert.equal(manifest.coverage.partitions.length, 1);
    const shown = await tidemark('inspect', '--index', index);
    assert.match(shown.stdout, /^generation {2}2, epoch 1/);
    assert.match(
      shown.stdout,
      /base up to 2026-05-04T01:00:00Z; delta of 1 partition\n {2}2026-05-03T02:05:00Z {2}=+#\n/,
    );
  });

  it('inspects an input file', async () => {
    const file = join(DEMO_DELTAS, minuteFolder(0), 'part-0000.parquet');
    const summary = await tidemarkJson<{ format: string; rows: number; columns: { name: string }[] }>('inspect', file);
    assert.deepEqual([summary.format, summary.rows], ['parquet', 643]);
    assert.ok(summary.columns.some(({ name }) => name === 'keywords'));
    const arrow = await tidemark('inspect', join(DEMO_DELTAS, minuteFolder(25), 'part-0000.arrow'));
    assert.match(arrow.stdout, /^Arrow IPC file, /);
  });

  it('checks the index, and names segment and section of a flipped byte with exit code 3', async () => {
    const sound = await tidemarkJson<object>('check', '--index', index);
    assert.deepEqual(sound, { ok: true, generation: 2, segments: 2, docs: delta.docs, defects: [], notes: [] });
    const broken = join(root, 'broken');
    cpSync(index, broken, { recursive: true });
    const name = delta.segments[0]!.name;
    const bytes = readFileSync(join(broken, name));
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(join(broken, name), bytes);
    const found = await tidemark('check', '--index', broken, '--json');
    assert.equal(found.code, 3);
    const { ok, defects } = JSON.parse(found.stdout) as {
      ok: boolean;
      defects: { segment: string; section: string }[];
    };
    assert.equal(ok, false);
    assert.deepEqual(
      defects.map(({ segment }) => segment),
      [name],
    );
    assert.notEqual(defects[0]!.section, '');
    assert.match(found.stderr, /^error: the index has 1 defect/);
  });

  it('finds a kill bitmap that is not what the rows say', async () => {
    const broken = join(root, 'unkilled');
    cpSync(index, broken, { recursive: true });
    const manifests = readdirSync(join(broken, 'manifests')).sort();
    const path = join(broken, 'manifests', manifests.at(-1)!);
    const manifest = JSON.parse(readFileSync(path, 'utf8'));
    // A manifest that is sound in itself, but hides nothing.
    manifest.kills = {};
    manifest.counts = { ...manifest.counts, live: manifest.counts.docs, killed: 0 };
    for (const segment of [...manifest.base.segments, ...manifest.delta.segments]) segment.live = segment.docs;
    writeFileSync(path, JSON.stringify(manifest));
    const found = await tidemark('check', '--index', broken, '--json');
    assert.equal(found.code, 3);
    const { defects } = JSON.parse(found.stdout) as { defects: { segment: string; section: string }[] };
    assert.deepEqual(
      defects.map(({ segment, section }) => [segment, section]),
      [[delta.segments[0]!.name, 'kills']],
    );
  });
});

describe('tidemark gen', () => {
  it('writes partitions where the template says, and a build takes them', async () => {
    const out = join(root, 'generated');
    const report = await tidemarkJson<{ rows: number; objects: readonly { key: string; bytes: number }[] }>(
      ...['gen', '--out', out, '--docs', '600', '--partitions', '2', '--seed', '7', '--codec', 'zstd'],
      ...['--start', '2026-05-04T02:00:00Z'],
    );
    assert.equal(report.rows, 600);
    assert.deepEqual(
      report.objects.map(({ key }) => key),
      [0, 5].map((minute) => `dt=2026-05-04/hour=02/minute=0${minute}/part-00000.parquet`),
    );
    for (const { key, bytes } of report.objects) assert.equal(statSync(join(out, key)).size, bytes);
    const built = await tidemarkJson<Report>(...buildFlags(out, join(root, 'of-generated')));
    assert.equal(built.watermark, '2026-05-04T02:05:00.000Z');
    assert.ok(built.live > 300 && built.builtDocs === built.docs);
  });
});
