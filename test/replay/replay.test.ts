/** Generations made again from their pinned input: equal, unequal, and with input that is gone. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { TidemarkError } from '#src/base/errors.js';
import { systemClock } from '#src/base/time.js';
import type { IndexSettings } from '#src/coordinator/settings.js';
import { addRun, EMPTY_HISTORY, encodeHistory } from '#src/deadline/history.js';
import { RATES_KEY } from '#src/manifest/names.js';
import { readNewest } from '#src/manifest/newest.js';
import { openReplay } from '#src/replay/context.js';
import { type ReplayReport, replay } from '#src/replay/replay.js';
import { openStore } from '#src/store/open.js';
import { landMinutes, minuteFolder } from '../support/cli.js';
import { packageSettings, runWith, testPool } from '../support/package-index.js';

const root = mkdtempSync(join(tmpdir(), 'tidemark-replay-'));
const pool = testPool(2);
after(async () => {
  await pool.close();
  rmSync(root, { recursive: true, force: true });
});

async function setUp(name: string, ...minutes: readonly number[]) {
  const folder = join(root, name, 'source');
  landMinutes(folder, ...minutes);
  const settings = packageSettings({ uri: folder }, { uri: join(root, name, 'index') });
  let scratches = 0;
  const again = async (baseToo = false, other: IndexSettings = settings): Promise<ReplayReport> => {
    const source = await openStore(settings.source.store, systemClock);
    const index = await openStore(settings.index, systemClock);
    const config = { uri: join(root, name, `scratch-${scratches++}`) };
    const scratch = { store: await openStore(config, systemClock), config };
    const manifest = (await readNewest(index))!;
    const { signal } = new AbortController();
    const opened = await openReplay({ source, index, pool, clock: systemClock }, other, manifest, scratch, signal);
    return replay(opened, manifest, baseToo);
  };
  return { folder, settings, again, setup: { pool, settings } };
}

const verdicts = ({ findings }: ReplayReport) =>
  findings.map(({ object, verdict }) => `${verdict} ${object.split('/')[0]}`);

describe('a replay', () => {
  it('makes parts, delta, base and kills again, to the same bytes', async () => {
    const { folder, settings, again, setup } = await setUp('same', 0, 5);
    await runWith(setup, { base: true });
    landMinutes(folder, 10, 15);
    await runWith(setup);
    const delta = await again();
    assert.deepEqual([delta.ok, delta.parts, delta.generation], [true, 2, 2]);
    assert.deepEqual(verdicts(delta), [
      'taken segments',
      'same parts',
      'same parts',
      'same segments',
      'same kills',
      'same kills',
    ]);
    const whole = await again(true, { ...settings, shardBytes: 10_000 });
    assert.deepEqual([whole.ok, whole.parts], [true, 4]);
    assert.ok(!verdicts(whole).includes('taken segments'));
  });

  it('of parts that a degraded run stored otherwise is the same', async () => {
    const { settings, again, setup } = await setUp('degraded', 0);
    const index = await openStore(settings.index, systemClock);
    const amounts = [1, 1_000_000];
    const history = addRun(
      EMPTY_HISTORY,
      [
        ['write', { amounts, value: 1e4 }],
        ['writeFast', { amounts, value: 1e3 }],
      ],
      1,
    );
    await index.put(RATES_KEY, encodeHistory(history, pool.threads));
    const report = await runWith(setup, { deadline: { tickMs: -10, budgetMs: 1, onMiss: 'finish' } });
    assert.equal(report.degradeStep, 'stored-fast');
    assert.deepEqual(verdicts(await again()), ['same parts']);
  });

  it('tells a segment that is not what its input makes, and a configuration that is not the one of the time', async () => {
    const { settings, again, setup } = await setUp('different', 0, 5);
    await runWith(setup);
    const index = settings.index.uri;
    const record = join(index, 'parts', readdirSync(join(index, 'parts')).find((name) => name.endsWith('.json'))!);
    writeFileSync(record, readFileSync(record, 'utf8').replace(/"sha256":"[0-9a-f]{4}/, '"sha256":"0bad'));
    const changed = await again();
    assert.equal(changed.ok, false);
    assert.equal(changed.findings.filter(({ verdict }) => verdict === 'different').length, 1);
    const other = await again(false, { ...settings, stored: { codec: 'none', level: 0 } });
    assert.match(other.findings.find(({ verdict }) => verdict === 'different')!.detail, /configuration or the release/);
    await assert.rejects(
      again(false, { ...settings, fingerprintOf: () => 'ab'.repeat(32) }),
      (error) => error instanceof TidemarkError && error.code === 'config',
    );
  });

  it('says in words which input is gone or another by now', async () => {
    const { folder, again, setup } = await setUp('gone', 0, 5);
    await runWith(setup);
    const path = (minute: number, part: number) => join(minuteFolder(minute), `part-000${part}.parquet`);
    rmSync(join(folder, path(0, 0)));
    writeFileSync(join(folder, path(5, 1)), 'something else');
    const { ok, findings } = await again();
    assert.equal(ok, false);
    const told = findings.map(({ detail }) => detail).join('\n');
    assert.match(told, /minute=00\/part-0000.parquet is no longer there/);
    assert.match(told, /minute=05\/part-0001.parquet is another object by now/);
    assert.ok(findings.every(({ verdict }) => verdict !== 'different'));
  });
});
