/** What leaves the house: the tarball runs in an empty folder, the lockfile works anywhere, tracked files name no machine. */
import assert from 'node:assert/strict';
import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { ROOT, trackedFiles } from '../support/repository.js';

interface LockEntry {
  readonly dev?: boolean;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface PackageJson {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const packageJson = JSON.parse(read('package.json')) as PackageJson;

/** Almost all of it is the demo data; the kernel is 32 KB. More than this would be something packed by mistake. */
const MAX_PACKED_BYTES = 8 << 20;

/** What a package needs in order to run: no tests, benches, kernel sources or source maps to files that are not there. */
const SHIPPED =
  /^(dist\/(?!.*\.map$)|docs\/(?!tools\/)|demo\/data\/|(package\.json|README\.md|LICENSE|CHANGELOG\.md)$)/;
const NEEDED = [
  'LICENSE',
  'dist/cli.js',
  'dist/index.d.ts',
  'dist/index.js',
  'dist/kernel.wasm',
  'dist/worker/entry.js',
];

/** A machine's own folders, and the hosts that packages come from: a clone must not depend on either. */
const MACHINE_TRACES = [
  /(?<![\w.])\/(?:home|Users|root|work|mnt)\/[\w.-]+/,
  /[A-Z]:\\Users\\/,
  /\b(?:registry\.(?:npmjs|yarnpkg)|files\.pythonhosted|static\.crates|proxy\.golang|repo\d?\.maven)\./,
];

/** The run-time part of our lockfile below `dependencies`: an install then needs no registry, and never changes with it. */
function lockfileOf(dependencies: { readonly tidemark: string }): object {
  const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, LockEntry> };
  const { '': ours, ...others } = packages;
  const runtime = Object.entries(others).filter(([, { dev }]) => dev !== true);
  const tidemark = { ...ours, devDependencies: undefined, resolved: dependencies.tidemark };
  return {
    lockfileVersion: 3,
    requires: true,
    packages: { '': { dependencies }, 'node_modules/tidemark': tidemark, ...Object.fromEntries(runtime) },
  };
}

/** A child's environment without what an outer `npm test` put there for its own children. */
function childEnvironment(): NodeJS.ProcessEnv {
  const outer = /^(npm_(lifecycle|package|command|execpath|config_(local_prefix|prefix))|INIT_CWD|NODE_TEST_CONTEXT)/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !outer.test(name)));
}

function run(command: string, args: readonly string[], cwd: string, temp = tmpdir()): string {
  const options: ExecFileSyncOptionsWithStringEncoding = {
    cwd,
    encoding: 'utf8',
    env: { ...childEnvironment(), TMPDIR: temp },
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 26,
  };
  return execFileSync(command, args, options);
}

describe('the tarball', () => {
  const root = mkdtempSync(join(tmpdir(), 'tidemark-pack-'));
  after(() => rmSync(root, { recursive: true, force: true }));
  const home = join(root, 'home');

  // The build stands; building again would change files under other tests.
  const packed = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', root], ROOT)) as
    | [PackedTarball]
    | Readonly<Record<string, PackedTarball>>;
  const tarball = Object.values(packed)[0]!;
  const paths = tarball.files.map(({ path }) => path);

  it('holds what runs and nothing else', () => {
    assert.deepEqual(
      paths.filter((path) => !SHIPPED.test(path)),
      [],
    );
    assert.deepEqual(
      NEEDED.filter((path) => !paths.includes(path)),
      [],
    );
    assert.ok(tarball.size <= MAX_PACKED_BYTES, `${tarball.size} bytes`);
  });

  it('installs and runs in an empty folder', () => {
    mkdirSync(home);
    const wanted = { tidemark: `file:../${tarball.filename}` };
    writeFileSync(join(home, 'package.json'), JSON.stringify({ name: 'empty', private: true, dependencies: wanted }));
    writeFileSync(join(home, 'package-lock.json'), JSON.stringify(lockfileOf(wanted)));
    run('npm', ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'], home);
    assert.match(run('npx', ['tidemark', '--help'], home), /Usage: tidemark/);
    const names = "import('tidemark').then((library) => console.log(Object.keys(library).length))";
    assert.ok(Number(run('node', ['-e', names], home)) > 0);
    const result = JSON.parse(run('npx', ['tidemark', 'demo', '--once', '--json'], home, root)) as { live: number };
    assert.ok(result.live > 0);
  });
});

interface PackedTarball {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

describe('the lockfile', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, LockEntry> };
  const entries = Object.entries(packages).filter(([path]) => path !== '');
  const pathsWhere = (test: (entry: LockEntry) => boolean) => entries.filter(([, e]) => test(e)).map(([path]) => path);

  it('pins content, not the place it came from', () => {
    assert.deepEqual(
      pathsWhere(({ integrity }) => integrity === undefined),
      [],
    );
    assert.deepEqual(
      pathsWhere(({ resolved }) => resolved !== undefined),
      [],
    );
  });

  it('names every package for every platform, or a clean install refuses it', () => {
    const found = (from: string, name: string): boolean => {
      if (packages[`${from === '' ? '' : `${from}/`}node_modules/${name}`] !== undefined) return true;
      return from !== '' && found(from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/'))), name);
    };
    const missing = entries.flatMap(([path, { dependencies, optionalDependencies }]) =>
      Object.keys({ ...dependencies, ...optionalDependencies }).filter((name) => !found(path, name)),
    );
    assert.deepEqual(missing, []);
  });

  it('needs no install script, which newer package managers do not run', () => {
    assert.deepEqual(
      pathsWhere(({ hasInstallScript }) => hasInstallScript === true),
      [],
    );
  });
});

describe('the dependencies', () => {
  it('each have their reason in docs/dependencies.md', () => {
    const reasons = [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1]!);
    const names = [...Object.keys(packageJson.dependencies), ...Object.keys(packageJson.devDependencies)];
    assert.deepEqual(reasons.sort(), names.sort());
  });
});

describe('tracked files', () => {
  const tracked = trackedFiles();

  it('name no machine and no registry', { skip: tracked === undefined && 'not a git working tree' }, () => {
    const traces = tracked!.flatMap((path) => {
      const text = read(path);
      if (text.includes('\0')) return [];
      return text.split('\n').flatMap((line, i) => {
        const trace = MACHINE_TRACES.map((pattern) => pattern.exec(line)?.[0]).find((found) => found !== undefined);
        return trace === undefined ? [] : [`${path}:${i + 1}: ${trace}`];
      });
    });
    assert.deepEqual(traces, []);
  });
});
