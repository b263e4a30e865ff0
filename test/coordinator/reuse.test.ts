/** Objects that are there already: taken, built anew, or written anew so that nobody collects them. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { systemClock } from '#src/base/time.js';
import { manifestKey, recordKey } from '#src/manifest/names.js';
import { readNewest } from '#src/manifest/newest.js';
import { openStore } from '#src/store/open.js';
import type { Store } from '#src/store/store.js';
import { landMinutes } from '../support/cli.js';
import { packageSettings, runWith, testPool } from '../support/package-index.js';

const root = mkdtempSync(join(tmpdir(), 'tidemark-reuse-'));
const pool = testPool(1);
after(async () => {
  await pool.close();
  rmSync(root, { recursive: true, force: true });
});

const HOUR = 3_600_000;
const KEEP_MS = 24 * HOUR;

describe('a segment that no manifest names', () => {
  let count = 0;
  let index: Store;
  let name: string;
  let settings: ReturnType<typeof packageSettings> & { keepMs: number };
  const path = (key: string) => join(root, `index-${count}`, key);
  const age = (hours: number) => {
    const then = new Date(systemClock.now() - hours * HOUR);
    for (const key of [name, recordKey(name)]) utimesSync(path(key), then, then);
  };

  /** A run that died right before its commit. */
  beforeEach(async () => {
    count++;
    const source = join(root, 'source');
    landMinutes(source, 0);
    settings = { ...packageSettings({ uri: source }, { uri: join(root, `index-${count}`) }), keepMs: KEEP_MS };
    index = await openStore(settings.index, systemClock);
    await runWith({ pool, settings });
    name = (await readNewest(index))!.delta.segments[0]!.name;
    await index.delete(manifestKey(1));
  });

  const run = () => runWith({ pool, settings });
  const rerun = async () => {
    const before = (await index.stat(name))!;
    await run();
    const segment = (await readNewest(index))!.delta.segments[0]!;
    assert.equal(segment.name, name);
    const now = (await index.stat(name))!;
    assert.equal(now.size, segment.bytes);
    return { isRewritten: now.etag !== before.etag, now };
  };

  it('is taken as it is while it is young', async () => {
    age(11);
    const { isRewritten, now } = await rerun();
    assert.equal(isRewritten, false);
    assert.ok(now.lastModified < systemClock.now() - 10 * HOUR);
  });

  it('is written anew, record and all, once it is older than half of keep', async () => {
    age(13);
    const { isRewritten, now } = await rerun();
    assert.equal(isRewritten, true);
    for (const info of [now, (await index.stat(recordKey(name)))!]) {
      assert.ok(info.lastModified > systemClock.now() - HOUR, 'it is young again');
    }
  });

  it('is built anew where it is cut off or holds other bytes', async () => {
    const bytes = await index.read(name);
    truncateSync(path(name), bytes.length - 1);
    await run();
    assert.deepEqual(await index.read(name), bytes);
    await index.delete(manifestKey(1));
    const other = bytes.slice();
    other[100]! ^= 1;
    writeFileSync(path(name), other);
    await run();
    assert.deepEqual(await index.read(name), bytes);
  });

  it('is trusted once a manifest names it, however old it is', async () => {
    await run();
    age(20);
    landMinutes(join(root, 'source'), 5);
    const before = (await index.stat(name))!;
    assert.equal((await run()).generation, 2);
    assert.equal((await index.stat(name))!.etag, before.etag);
    rmSync(join(root, 'source'), { recursive: true });
  });
});
