/** The same commands against an S3 server: source and index in a bucket, byte for byte the segment of files. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { buildFlags, landMinutes, minuteFolder, tidemark, tidemarkJson } from '../support/cli.js';
import { storedObject } from '../support/s3-bucket.js';
import { type S3TestServer, startS3Server } from '../support/s3-handler.js';

interface Report {
  readonly live: number;
  readonly segments: readonly { readonly name: string }[];
}

describe('tidemark on S3', () => {
  let root: string;
  let server: S3TestServer;
  let flags: string[];
  const onServer = () => ['--endpoint', server.endpoint, '--region', 'us-east-1'];

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'tidemark-s3-'));
    server = await startS3Server();
    process.env.AWS_ACCESS_KEY_ID = server.credentials.accessKeyId;
    process.env.AWS_SECRET_ACCESS_KEY = server.credentials.secretAccessKey;
    landMinutes(join(root, 'source'), 0);
    for (const name of ['part-0000.parquet', 'part-0001.parquet']) {
      const key = `${minuteFolder(0)}/${name}`;
      server.content.put(`source/${key}`, storedObject(readFileSync(join(root, 'source', key))));
    }
    flags = [...buildFlags(`s3://${server.bucket}/source`, `s3://${server.bucket}/index`), ...onServer()];
  });
  after(async () => {
    await server.close();
    await rm(root, { recursive: true });
  });

  it('builds, searches and checks', async () => {
    const report = await tidemarkJson<Report>(...flags, '--base');
    const ofFiles = await tidemarkJson<Report>(...buildFlags(join(root, 'source'), join(root, 'index')), '--base');
    assert.equal(report.live, ofFiles.live);
    const index = ['--index', `s3://${server.bucket}/index`, ...onServer()];
    const { total } = await tidemarkJson<{ total: number }>('search', ...index, 'react', '--count');
    assert.ok(total > 0);
    const { ok } = await tidemarkJson<{ ok: boolean }>('check', ...index);
    assert.equal(ok, true);
    const bytes = server.content.get(`index/${report.segments[0]!.name}`)!.bytes;
    assert.ok(
      bytes.equals(readFileSync(join(root, 'index', ofFiles.segments[0]!.name))),
      'the same bytes as from files',
    );
  });

  it('refuses a store that ignores conditional writes', async () => {
    server.setFaults((kind, key) => (kind === 'put' && key.includes('probes/') ? 'ignore-conditions' : undefined));
    const { code, stderr } = await tidemark(...flags);
    server.setFaults(undefined);
    assert.equal(code, 2);
    assert.match(stderr, /ignores conditional writes/);
  });

  it('tells of refused credentials without naming them', async () => {
    process.env.AWS_SECRET_ACCESS_KEY = 'wrong-secret';
    const { code, stdout, stderr } = await tidemark(...flags, '--json');
    process.env.AWS_SECRET_ACCESS_KEY = server.credentials.secretAccessKey;
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.doesNotMatch(stderr, /wrong-secret|\n {4}at /);
  });
});
