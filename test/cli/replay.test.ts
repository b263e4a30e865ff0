/** `tidemark replay` and `tidemark explain` as processes: exit codes and JSON. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { landMinutes, minuteFolder, tidemark, tidemarkJson } from '../support/cli.js';

const root = mkdtempSync(join(tmpdir(), 'tidemark-replay-'));
after(() => rmSync(root, { recursive: true, force: true }));
const source = join(root, 'source');
const index = join(root, 'index');
const config = join(root, 'tidemark.yaml');

interface Explained {
  readonly visible: boolean;
  readonly because: readonly { readonly step: string; readonly detail: string }[];
}

describe('an index that was built by a configuration', () => {
  before(async () => {
    landMinutes(source, 0);
    writeFileSync(
      config,
      `source: { uri: ${source}, ready: { settle: 0s } }
schema: { id: package, group: scope, version: updated_at, deleted: deleted, fields: { name: text, downloads: i64 }, stored: [name] }
index: { uri: ${index} }
trigger: { every: 30s }
build: { threads: 1 }
`,
    );
    await tidemarkJson('run', '-c', config, '--once');
  });

  it('is replayed with exit code 0, with 2 by another schema, with 1 where input is gone', async () => {
    const same = await tidemarkJson<{ ok: boolean; parts: number }>(
      'replay',
      '-c',
      config,
      '--manifest',
      '1',
      '--index',
      index,
    );
    assert.deepEqual([same.ok, same.parts], [true, 1]);
    const other = ['--source', source, '--index', index, '--id', 'package', '--text', 'name', '--threads', '1'];
    assert.equal((await tidemark('replay', ...other)).code, 2);
    rmSync(join(source, minuteFolder(0), 'part-0001.parquet'));
    const gone = await tidemark('replay', '-c', config);
    assert.equal(gone.code, 1);
    assert.match(gone.stdout, /part-0001.parquet is no longer there/);
    landMinutes(source, 0);
  });

  it('is explained as JSON and as text', async () => {
    const partition = await tidemarkJson<Explained>('explain', 'partition', '2026-05-04T01:00:00Z', '--index', index);
    assert.deepEqual([partition.visible, partition.because[0]!.step], [true, 'covered']);
    const { code, stdout } = await tidemark('explain', 'doc', 'no such id', '--index', index, '-c', config);
    assert.equal(code, 0);
    assert.match(stdout, /^not visible\n {2}absent {2}no segment of generation 1/);
    const group = await tidemarkJson<Explained>('explain', 'group', '@nobody', '--index', index);
    assert.equal(group.visible, false);
  });
});
