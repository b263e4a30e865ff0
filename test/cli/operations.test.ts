/** Operator commands and a standby as processes beside a daemon, on files and on an S3 server. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type CliProcess, landMinutes, minuteFolder, startCli, tidemark, tidemarkJson } from '../support/cli.js';
import { storedObject } from '../support/s3-bucket.js';
import { type S3TestServer, startS3Server } from '../support/s3-handler.js';

const root = mkdtempSync(join(tmpdir(), 'tidemark-operations-'));
const started: CliProcess[] = [];
after(() => {
  // A test that failed half way leaves its daemons behind.
  for (const { process: child } of started) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

function start(...words: readonly string[]): CliProcess {
  const process = startCli(...words);
  started.push(process);
  return process;
}

interface Line {
  readonly generation: number;
  readonly epoch: number;
  readonly held: readonly object[];
  readonly watermark: string;
  readonly committed?: boolean;
}

function configuration(name: string, source: string, index: string, server = ''): string {
  const path = join(root, `${name}.yaml`);
  writeFileSync(
    path,
    `source: { uri: ${source}, ready: { settle: 0s }, coverage: { mode: windowed, span: 5m } }
schema:
  id: package
  version: updated_at
  deleted: deleted
  fields: { name: text, summary: text, keywords: keyword, downloads: i64 }
  stored: [name]
index: { uri: ${index}${server} }
trigger: { every: 200ms, deadline: 30s }
build: { threads: 1 }
compact: never
`,
  );
  return path;
}

/** Lands a partition in one step: a daemon that does not wait for it to settle would else see half of it. */
function landWhole(source: string, minute: number): void {
  landMinutes(`${source}-aside`, minute);
  const folder = join(source, minuteFolder(minute));
  mkdirSync(dirname(folder), { recursive: true });
  renameSync(join(`${source}-aside`, minuteFolder(minute)), folder);
}

/** Resolves once the condition holds; a process that ended meanwhile fails the test with what it said. */
async function until(holds: () => boolean, ...processes: readonly CliProcess[]): Promise<void> {
  while (!holds()) {
    for (const { process: child, stderr } of processes) assert.equal(child.exitCode, null, stderr());
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const stopped = async (daemon: CliProcess) => {
  daemon.process.kill('SIGTERM');
  return (await daemon.ended).code;
};

describe('operator commands on files', () => {
  it('move the line beside a running daemon, which keeps its epoch and goes on', async () => {
    const [source, index] = [join(root, 'beside', 'source'), join(root, 'beside', 'index')];
    const config = configuration('beside', source, index);
    const at = ['--index', index];
    landWhole(source, 0);
    const daemon = start('run', '-c', config);
    const committed = (generation: number) => () => daemon.stderr().includes(`generation ${generation} committed`);
    await until(committed(1), daemon);
    landWhole(source, 5);
    await until(committed(2), daemon);
    const back = await tidemarkJson<Line>('rollback', ...at, '--to', '1');
    assert.deepEqual([back.generation, back.epoch, back.held.length], [3, 1, 1]);
    await until(() => daemon.stderr().includes('are held since a rollback'), daemon);
    const check = await tidemarkJson<{ ok: boolean; notes: string[] }>('check', ...at);
    assert.deepEqual([check.ok, check.notes.length], [true, 2]);
    assert.match((await tidemark('inspect', ...at)).stdout, /held until tidemark resume/);
    assert.equal((await tidemarkJson<Line>('resume', ...at)).committed, true);
    await until(committed(5), daemon);
    const compacted = await tidemarkJson<{ committed: boolean; folded: number }>('compact', '-c', config);
    assert.deepEqual([compacted.committed, compacted.folded], [true, 1]);
    landWhole(source, 10);
    await until(committed(7), daemon);
    const base = await tidemarkJson<{ generation: number; epoch: number }>('build', '-c', config, '--base');
    assert.deepEqual([base.generation, base.epoch], [8, 1]);
    const gc = await tidemarkJson<{ retained: number }>('gc', ...at, '--dry-run');
    assert.equal(gc.retained, 8);
    assert.equal((await tidemark('rollback', ...at, '--to', '8')).code, 2);
    assert.equal(await stopped(daemon), 0);
    assert.equal((await tidemarkJson<{ ok: boolean }>('check', ...at)).ok, true);
  });

  it('a standby takes over from a daemon that was stopped, and that one is fenced once it wakes', async () => {
    const [source, index] = [join(root, 'standby', 'source'), join(root, 'standby', 'index')];
    const config = configuration('standby', source, index);
    landWhole(source, 0);
    const leader = start('run', '-c', config);
    await until(() => leader.stderr().includes('generation 1 committed'), leader);
    const standby = start('run', '-c', config, '--standby');
    await until(() => standby.stderr().includes('standing by'), leader, standby);
    leader.process.kill('SIGSTOP');
    await until(() => standby.stderr().includes('took the lead under epoch 2'), standby);
    landWhole(source, 5);
    await until(() => standby.stderr().includes('generation 3 committed'), standby);
    leader.process.kill('SIGCONT');
    const { code, stderr } = await leader.ended;
    assert.equal(code, 4, stderr);
    assert.match(JSON.parse(readFileSync(join(index, 'heartbeat.json'), 'utf8')).state, /running/);
    assert.equal(await stopped(standby), 0);
    assert.match(JSON.parse(readFileSync(join(index, 'heartbeat.json'), 'utf8')).state, /released/);
  });
});

describe('operator commands on S3', () => {
  let server: S3TestServer;
  before(async () => {
    server = await startS3Server();
    process.env.AWS_ACCESS_KEY_ID = server.credentials.accessKeyId;
    process.env.AWS_SECRET_ACCESS_KEY = server.credentials.secretAccessKey;
  });
  after(() => server.close());

  const land = (minute: number) => {
    landMinutes(join(root, 's3'), minute);
    for (const name of ['part-0000.parquet', 'part-0001.parquet']) {
      const key = `${minuteFolder(minute)}/${name}`;
      server.content.put(`source/${key}`, storedObject(readFileSync(join(root, 's3', key))));
    }
  };

  it('roll back, resume, compact and collect', async () => {
    const uri = (name: string) => `s3://${server.bucket}/${name}`;
    const store = `, endpoint: "${server.endpoint}", region: us-east-1`;
    const config = configuration('s3', uri('source'), uri('index'), store);
    const at = ['--index', uri('index'), '--endpoint', server.endpoint, '--region', 'us-east-1'];
    const once = () => tidemarkJson<{ generation: number; live: number }>('run', '-c', config, '--once');
    land(0);
    const first = await once();
    land(5);
    land(10);
    const second = await once();
    assert.ok(second.live > first.live);
    assert.equal((await tidemarkJson<Line>('rollback', ...at, '--to', '1')).generation, 3);
    assert.equal((await once()).generation, 3);
    await tidemarkJson<Line>('resume', ...at);
    assert.deepEqual(await once().then(({ generation, live }) => [generation, live]), [5, second.live]);
    const compacted = await tidemarkJson<{ committed: boolean; live: number }>('compact', '-c', config);
    assert.deepEqual([compacted.committed, compacted.live], [true, second.live]);
    const { total } = await tidemarkJson<{ total: number }>('search', ...at, '*', '--count');
    assert.equal(total, second.live);
    type Gc = { deleted: Record<string, { count: number }> };
    // Whatever was written before the second of the last commit goes.
    await until(() => Date.now() % 1_000 > 900);
    await tidemarkJson<Line>('rollback', ...at, '--to', '5');
    await tidemarkJson<Line>('rollback', ...at, '--to', '6');
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    const { deleted } = await tidemarkJson<Gc>('gc', ...at, '--keep', '1ms');
    assert.ok(deleted.manifests!.count >= 5, JSON.stringify(deleted));
    assert.equal((await tidemarkJson<{ ok: boolean }>('check', ...at)).ok, true);
  });
});
