/** Measuring real builds: what is built, that all candidates build the same documents, and that nothing is left behind. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { TidemarkError } from '#src/base/errors.js';
import { systemClock } from '#src/base/time.js';
import { ProcessRig } from '#src/cli/tune-rig.js';
import { openStore } from '#src/store/open.js';
import { buildOnce } from '#src/tune/build-once.js';
import type { Candidate } from '#src/tune/candidate.js';
import { contentDigest } from '#src/tune/content-digest.js';
import { choosePartitions, partitionGroups } from '#src/tune/partitions.js';
import { DEMO_DELTAS, landMinutes, minuteFolder } from '../support/cli.js';
import { packageSettings, testPool } from '../support/package-index.js';

const root = mkdtempSync(join(tmpdir(), 'tidemark-tune-test-'));
after(() => rmSync(root, { recursive: true, force: true }));

const STANDARD: Candidate = { threads: 2, shardBytes: 'auto', stored: { codec: 'deflate', level: 4 } };
const partitionAt = (minute: number) => Date.UTC(2026, 4, 4, 1, minute);
const { signal } = new AbortController();
const rigs: ProcessRig[] = [];
// Also after a failure: processes that go on would keep the test's own one alive.
after(() => Promise.all(rigs.map((rig) => rig.close())));

function rigFor(flags: ConstructorParameters<typeof ProcessRig>[0], scratch: string, stop = signal): ProcessRig {
  const rig = new ProcessRig(flags, scratch, systemClock, stop);
  rigs.push(rig);
  return rig;
}

function flagsOf(source: string) {
  return {
    ...{ source, index: join(root, 'never'), id: 'package', version: 'updated_at', deleted: 'deleted' },
    ...{ text: ['name', 'summary'], keyword: ['keywords'], numeric: ['downloads'], stored: ['name'], settle: '0s' },
  };
}

describe('one build of a candidate', () => {
  it('builds just the partition it is asked for, and measures time, CPU, memory and bytes', async () => {
    const pool = testPool(2);
    const uri = join(root, 'once');
    const bench = {
      ...{ source: await openStore({ uri: DEMO_DELTAS }), index: await openStore({ uri }), indexConfig: { uri } },
      ...{ pool, clock: systemClock, signal },
      meter: {
        cpuMs: () => process.cpuUsage().user / 1000,
        peakBytes: () => process.resourceUsage().maxRSS * 1024,
      },
    };
    const settings = packageSettings({ uri: DEMO_DELTAS }, { uri: join(root, 'never') });
    const measured = await buildOnce(bench, settings, { ...STANDARD, shardBytes: 20_000 }, partitionAt(30));
    await pool.close();
    assert.ok(measured.docs > 500 && measured.docs < 2_000, `${measured.docs} documents`);
    assert.ok(measured.shards >= 3, `${measured.shards} shards`);
    assert.ok(measured.latencyMs > 0 && measured.cpuMs > 0 && measured.peakBytes > 2 ** 20);
    const phases = Object.values(measured.phases).reduce((sum, { wallMs }) => sum + wallMs, 0);
    assert.ok(phases > 0 && phases <= measured.latencyMs);
    const segments = readdirSync(join(uri, 'parts')).filter((name) => name.endsWith('.tms'));
    assert.equal(segments.length, 1);
  });
});

describe('the rig', () => {
  it('gives the same documents for every candidate, in processes that it ends', async () => {
    const scratch = join(root, 'rig');
    const rig = rigFor(flagsOf(DEMO_DELTAS), scratch);
    const candidates: Candidate[] = [
      STANDARD,
      { ...STANDARD, threads: 1, shardBytes: 2 ** 16 },
      { ...STANDARD, stored: { codec: 'none', level: 0 } },
      { ...STANDARD, stored: { codec: 'deflate', level: 9 } },
    ];
    const bytes: number[] = [];
    for (const candidate of candidates) bytes.push((await rig.measure(candidate, partitionAt(55))).segmentBytes);
    assert.equal(bytes[0], bytes[1], 'threads and shards change no byte');
    assert.ok(bytes[2]! > bytes[0]! && bytes[3]! <= bytes[0]!);
    await rig.close();
    const digests = new Set<string>();
    for (const i of candidates.keys())
      digests.add(await contentDigest(await openStore({ uri: join(scratch, `${i}`, 'index') })));
    assert.equal(digests.size, 1);
    assert.equal(readdirSync(root).includes('never'), false, "the user's own index is not touched");
  });

  it('fails where two candidates built different documents', async () => {
    const source = join(root, 'swapped');
    landMinutes(source, 50);
    const rig = rigFor(flagsOf(source), join(root, 'swapped-rig'));
    await rig.measure(STANDARD, partitionAt(50));
    cpSync(join(DEMO_DELTAS, minuteFolder(45)), join(source, minuteFolder(50)), { recursive: true });
    await assert.rejects(rig.measure({ ...STANDARD, threads: 1 }, partitionAt(50)), /hold different documents/);
    await rig.close();
  });

  it("hands on a build's own error, and ends when it is told to stop", async () => {
    const stop = new AbortController();
    const rig = rigFor(flagsOf(join(root, 'nothing')), join(root, 'stopped'), stop.signal);
    const flags = { ...flagsOf(DEMO_DELTAS), id: 'no_such_column' };
    const wrong = rigFor(flags, join(root, 'wrong'));
    await assert.rejects(
      wrong.measure(STANDARD, partitionAt(55)),
      (error) => error instanceof TidemarkError && error.code === 'bad-data' && /no_such_column/.test(error.message),
    );
    await wrong.close();
    const measuring = rig.measure(STANDARD, partitionAt(55));
    stop.abort(new TidemarkError('cancelled', 'enough'));
    await assert.rejects(measuring, /enough/);
    await rig.close();
  });
});

describe('partitions', () => {
  const { source: settings } = packageSettings({ uri: DEMO_DELTAS }, { uri: join(root, 'never') });

  it('are the newest one, and another of about its size', async () => {
    const source = join(root, 'sizes');
    landMinutes(source, 0, 5, 10, 55);
    // A small one right before the newest is no measure for it.
    const small = join(source, minuteFolder(50));
    mkdirSync(small, { recursive: true });
    cpSync('test/data/inputs/rows-one.parquet', join(small, 'part.parquet'));
    const store = await openStore({ uri: source });
    const { training, holdOut } = await choosePartitions(store, settings, Date.now(), undefined, signal);
    assert.equal(training.time, partitionAt(55));
    assert.ok([0, 5, 10].map(partitionAt).includes(holdOut!.time));
    const earlier = await choosePartitions(store, settings, Date.now(), partitionAt(9), signal);
    assert.deepEqual([earlier.training.time, earlier.holdOut!.time], [5, 0].map(partitionAt));
    const alone = await choosePartitions(store, settings, Date.now(), partitionAt(0), signal);
    assert.equal(alone.holdOut, undefined);
  });

  it('are measured by the columns that are read', async () => {
    const store = await openStore({ uri: DEMO_DELTAS });
    const all = packageSettings({ uri: DEMO_DELTAS }, { uri: 'never' });
    const { training } = await choosePartitions(store, settings, Date.now(), partitionAt(0), signal);
    const few = { ...all, schema: { ...all.schema, fields: all.schema.fields.slice(0, 1), stored: [] } };
    const [whole] = await partitionGroups(store, all, training, signal);
    const [part] = await partitionGroups(store, few, training, signal);
    assert.equal(whole!.rows, part!.rows);
    assert.ok(part!.textBytes < whole!.textBytes && part!.textBytes > 0);
  });

  it('must be there', async () => {
    const store = await openStore({ uri: join(root, 'empty') });
    await assert.rejects(choosePartitions(store, settings, Date.now(), undefined, signal), /no partition to tune on/);
  });
});
