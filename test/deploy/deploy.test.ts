/** The files under `deploy/`, each by a tool that knows its format. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { validate } from 'dockerfile-utils';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Service } from 'kubernetes-models/v1/Service';
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount';
import { parseAllDocuments } from 'yaml';
import { parseConfig } from '#src/config/config.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const fileOf = (name: string) => join(ROOT, 'deploy', name);
const root = mkdtempSync(join(tmpdir(), 'tidemark-deploy-'));
after(() => rmSync(root, { recursive: true, force: true }));

const has = (tool: string) => spawnSync(tool, ['--version']).status === 0;

describe('the systemd unit', () => {
  it('is one that systemd takes', { skip: !has('systemd-analyze') && 'systemd-analyze is not there' }, () => {
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', fileOf('systemd/tidemark.service')], {
      encoding: 'utf8',
    });
    const about = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('tidemark.service'));
    assert.deepEqual([status, about], [0, []]);
  });

  const python = has('python3') && has('systemd-notify');
  it('hears from the watchdog when a daemon is ready, that it lives, and that it stops', {
    skip: !python && 'systemd-notify or python3 is not there',
  }, async () => {
    const socket = join(root, 'notify');
    const listen = `import socket,sys\ns=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM)\ns.bind(sys.argv[1])\nprint('bound',flush=True)\nwhile True:\n d=s.recvmsg(4096,1024)[0].decode()\n print(d,flush=True)`;
    const listener = spawn('python3', ['-c', listen, socket]);
    let heard = '';
    listener.stdout.setEncoding('utf8').on('data', (text: string) => (heard += text));
    const until = async (word: string) => {
      while (!heard.includes(word)) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    await until('bound');
    const config = join(root, 'tidemark.yaml');
    writeFileSync(
      config,
      `{ source: { uri: ${root}/source }, schema: { id: id }, index: { uri: ${root}/index }, build: { threads: 1 }, serve: never }`,
    );
    const words = ['watchdog', '--', 'tidemark', 'run', '-c', config];
    const watchdog = spawn(process.execPath, [join(ROOT, 'dist/cli.js'), ...words], {
      stdio: 'ignore',
      env: { ...process.env, NOTIFY_SOCKET: socket, WATCHDOG_USEC: '1000000' },
    });
    await until('READY=1');
    await until('WATCHDOG=1');
    watchdog.kill('SIGTERM');
    await until('STOPPING=1');
    await new Promise((resolve) => watchdog.on('exit', resolve));
    listener.kill();
    assert.ok(heard.indexOf('READY=1') < heard.indexOf('WATCHDOG=1'));
  });
});

describe('the container file', () => {
  const text = readFileSync(fileOf('container/Dockerfile'), 'utf8');

  it('has nothing that a container engine would refuse', () => {
    assert.deepEqual(
      validate(text).map(({ message, range }) => `line ${range.start.line + 1}: ${message}`),
      [],
    );
    assert.equal(validate('FROM scratch\nRUM ls').length, 1, 'and the check sees what is wrong');
  });

  it('copies only what is there and what is not ignored', () => {
    const ignored = readFileSync(join(ROOT, '.dockerignore'), 'utf8');
    const copied = [...text.matchAll(/^COPY (?!--from)(.+)$/gm)].flatMap(([, words]) => words!.split(' ').slice(0, -1));
    assert.ok(copied.length > 0);
    for (const name of copied) {
      assert.ok(existsSync(join(ROOT, name)), `${name} is there`);
      assert.ok(ignored.split('\n').includes(`!${name}`), `${name} is let in by .dockerignore`);
    }
  });
});

interface Manifest {
  readonly kind: string;
  readonly data?: Record<string, string>;
}

describe('the Kubernetes manifests', () => {
  const models = { Deployment, PodDisruptionBudget, ConfigMap, Service, ServiceAccount };
  const documents = parseAllDocuments(readFileSync(fileOf('kubernetes/tidemark.yaml'), 'utf8'));
  const manifests = documents.map((document) => document.toJS() as Manifest);
  const isKnown = (kind: string): kind is keyof typeof models => kind in models;

  it('follow the schemas of Kubernetes', () => {
    assert.deepEqual(
      documents.flatMap(({ errors }) => errors),
      [],
    );
    assert.deepEqual(
      manifests.map(({ kind }) => kind),
      ['ServiceAccount', 'ConfigMap', 'Deployment', 'Deployment', 'Service', 'PodDisruptionBudget'],
    );
    for (const manifest of manifests) {
      assert.ok(isKnown(manifest.kind));
      new models[manifest.kind](manifest as never).validate();
    }
    const wrong = { ...manifests[2], spec: { replicas: 'one' } };
    assert.throws(() => new Deployment(wrong as never).validate(), 'and the check sees what is wrong');
  });

  it('carry a configuration that the daemon takes', () => {
    const config = parseConfig(manifests.find(({ kind }) => kind === 'ConfigMap')!.data!['tidemark.yaml']!);
    assert.deepEqual(config.serve, {
      listen: { host: '0.0.0.0', port: 7700 },
      token: { file: '/etc/tidemark-token/token' },
      open: false,
    });
  });
});
