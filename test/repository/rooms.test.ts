/** Who may import whom, and which one file may touch an outside thing: read from the import lines of `src/`. */
import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { describe, it } from 'node:test';
import { importsOf, type SourceFile, sourceFiles, withoutComments } from '../support/repository.js';

/** A room imports itself and rooms of lower levels; never its neighbours. */
const LEVELS: readonly (readonly string[])[] = [
  ['base'],
  ['store', 'decode', 'segment', 'kernel', 'manifest', 'telemetry', 'plot'],
  ['trigger', 'partition', 'shard', 'worker', 'merge', 'commit', 'kills', 'search', 'gen'],
  ['coordinator', 'export'],
  ['config'],
  ['daemon', 'serve', 'profile', 'tune'],
  ['demo', 'freshness'],
  ['cli', 'index'],
];

/** Type-only edges between neighbours, each to one file. */
const EDGES: readonly { readonly from: string; readonly to: string }[] = [
  // The messages of a run are written down once, where work is shared out.
  { from: 'worker', to: 'shard/task.ts' },
  { from: 'merge', to: 'shard/task.ts' },
  // Finding the newest manifest is asking a store, any store.
  { from: 'manifest', to: 'store/store.ts' },
];

interface Fence {
  readonly thing: string;
  readonly modules: RegExp;
  /** Files of `src/` on the inner side. */
  readonly inside: RegExp;
}

/**
 * One place per outside thing (for a file format: one that reads it and one that writes it), so that replacing it, or auditing it, means reading that place. */
const FENCES: readonly Fence[] = [
  { thing: 'the object-store SDK', modules: /^@(aws-sdk|smithy)\//, inside: /^store\/s3[^/]*\.ts$/ },
  {
    thing: 'the file system',
    modules: /^(node:)?fs(\/|$)/,
    inside: /^(store\/file[^/]*|kernel\/kernel|cli(\/.*)?)\.ts$/,
  },
  {
    thing: 'Arrow',
    modules: /^(apache-arrow|flatbuffers|fzstd)(\/|$)/,
    inside: /^(decode\/arrow[^/]*|gen\/write-arrow)\.ts$/,
  },
  {
    thing: 'the Parquet decoder',
    modules: /^parquet-wasm(\/|$)/,
    inside: /^(decode\/parquet[^/]*|gen\/write-parquet)\.ts$/,
  },
  { thing: 'the Parquet writer', modules: /^hyparquet-writer$/, inside: /^export\/parquet-file\.ts$/ },
  { thing: 'protobuf', modules: /^pbf$/, inside: /^export\/ciff\.ts$/ },
  { thing: 'compression', modules: /^fflate$/, inside: /^segment\/compress\.ts$/ },
  { thing: 'the thread pool', modules: /^(piscina|node:worker_threads)$/, inside: /^(shard\/pool|worker\/entry)\.ts$/ },
  { thing: 'the network', modules: /^node:(http|https|net|tls|http2)$/, inside: /^(serve\/.*|store\/s3[^/]*)\.ts$/ },
  { thing: 'the web server', modules: /^(fastify|prom-client)$/, inside: /^serve\/.*\.ts$/ },
  { thing: 'other processes', modules: /^(node:)?child_process$/, inside: /^(daemon|cli|demo)\/.*\.ts$/ },
  { thing: 'the terminal', modules: /^(commander|cli-progress|picocolors)$/, inside: /^(cli|demo)(\/.*)?\.ts$/ },
  { thing: 'the log', modules: /^pino(-pretty)?$/, inside: /^telemetry\/.*\.ts$/ },
  {
    thing: 'the profilers',
    modules: /^(node:)?(inspector|perf_hooks)(\/|$)/,
    inside: /^profile\/thread-recorder\.ts$/,
  },
  { thing: 'plots', modules: /^d3-/, inside: /^plot\/.*\.ts$/ },
  { thing: 'YAML', modules: /^yaml$/, inside: /^config\/.*\.ts$/ },
];

/** The same for globals, which have no import line. */
const GLOBALS: readonly { readonly thing: string; readonly use: RegExp; readonly inside: RegExp }[] = [
  { thing: 'console', use: /\bconsole\s*\./, inside: /^$/ },
  {
    thing: 'clock and timers',
    use: /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b|\bset(Timeout|Interval)\b|AbortSignal\.timeout/,
    inside: /^base\/time\.ts$/,
  },
  {
    thing: 'process',
    use: /\bprocess\.\w|from 'node:process'/,
    inside: /^(cli(\/.*)?|daemon\/signals|base\/time)\.ts$/,
  },
  { thing: 'WebAssembly', use: /\bWebAssembly\b/, inside: /^kernel\/[^/]*\.ts$/ },
  // Chance may spread out retries; anywhere else it would cost the promise of the same bytes.
  { thing: 'chance', use: /\bMath\.random\b/, inside: /^store\/retry\.ts$/ },
];

const MAX_LINES = 400;
const MAX_MEDIAN_LINES = 150;

const roomOf = (path: string) => path.split('/')[0]!.replace(/(\.d)?\.ts$/, '');
const levelOf = (room: string) => LEVELS.findIndex((rooms) => rooms.includes(room));

/** The file of `src/` that a relative specifier names, or undefined for a package. */
function targetOf(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return posix.normalize(posix.join(posix.dirname(from), specifier)).replace(/\.js$/, '.ts');
}

/** Imports of one file that go up, sideways, or into `worker`, whose code runs in other threads only. */
function roomDefects({ path, imports }: Pick<SourceFile, 'path' | 'imports'>): string[] {
  const from = roomOf(path);
  return imports.flatMap(({ specifier, typeOnly, line }) => {
    const target = targetOf(path, specifier);
    if (target === undefined || roomOf(target) === from) return [];
    const to = roomOf(target);
    if (typeOnly && EDGES.some((edge) => edge.from === from && edge.to === target)) return [];
    if (to !== 'worker' && levelOf(to) >= 0 && levelOf(to) < levelOf(from)) return [];
    return [`src/${path}:${line} (${from}) imports ${typeOnly ? 'types of ' : ''}${target}`];
  });
}

/** Imports of one file that reach over a fence. */
function fenceDefects({ path, imports }: Pick<SourceFile, 'path' | 'imports'>): string[] {
  return FENCES.filter(({ inside }) => !inside.test(path)).flatMap(({ thing, modules }) =>
    imports
      .filter(({ specifier }) => modules.test(specifier))
      .map(({ specifier, line }) => `src/${path}:${line} imports ${specifier}; ${thing} is fenced`),
  );
}

/** Uses of a fenced global in one file. */
function globalDefects({ path, code }: Pick<SourceFile, 'path' | 'code'>): string[] {
  const lines = code.split('\n');
  return GLOBALS.filter(({ inside }) => !inside.test(path)).flatMap(({ thing, use }) =>
    lines.flatMap((text, i) => (use.test(text) ? [`src/${path}:${i + 1} uses ${thing}: ${text.trim()}`] : [])),
  );
}

const files = sourceFiles();

describe('rooms', () => {
  it('every source file stands in a known room', () => {
    assert.deepEqual(
      files.map(({ path }) => path).filter((path) => levelOf(roomOf(path)) < 0),
      [],
    );
  });

  it('imports go down the levels', () => {
    assert.deepEqual(files.flatMap(roomDefects), []);
  });

  it('outside things stay behind their fences', () => {
    assert.deepEqual(files.flatMap(fenceDefects), []);
  });

  it('clock, process, console and WebAssembly are used in their one place', () => {
    assert.deepEqual(files.flatMap(globalDefects), []);
  });

  it('the worker is reached by its URL, from the pool alone', () => {
    const reaching = files.filter(({ code }) => /new URL\('[^']*worker\//.test(code)).map(({ path }) => path);
    assert.deepEqual(reaching, ['shard/pool.ts']);
  });

  it('files stay small', () => {
    const counts = files.map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }));
    assert.deepEqual(
      counts.filter(({ lines }) => lines > MAX_LINES),
      [],
    );
    const sorted = counts.map(({ lines }) => lines).sort((a, b) => a - b);
    assert.ok(sorted[sorted.length >> 1]! <= MAX_MEDIAN_LINES);
  });
});

describe('the rules themselves', () => {
  const file = (path: string, code: string) => ({ path, code, imports: importsOf(withoutComments(code)) });

  it('see an import over several lines, a re-export and a call', () => {
    const code =
      "import {\n  type A,\n  b,\n} from '../merge/input.js';\nexport * from './x.js';\nconst c = await import('fs');";
    assert.deepEqual(importsOf(code), [
      { specifier: '../merge/input.js', typeOnly: false, line: 1 },
      { specifier: './x.js', typeOnly: false, line: 5 },
      { specifier: 'fs', typeOnly: false, line: 6 },
    ]);
  });

  it('refuse a neighbour, a way up and the worker; allow messages as types only', () => {
    const defectsOf = (path: string, code: string) => roomDefects(file(path, code)).length;
    assert.equal(defectsOf('merge/a.ts', "import { b } from '../search/b.js';"), 1);
    assert.equal(defectsOf('store/a.ts', "import type { B } from '../segment/b.js';"), 1);
    assert.equal(defectsOf('segment/a.ts', "import { run } from '../coordinator/run.js';"), 1);
    assert.equal(defectsOf('coordinator/a.ts', "import { b } from '../worker/b.js';"), 1);
    assert.equal(defectsOf('merge/a.ts', "import { plan } from '../shard/task.js';"), 1);
    assert.equal(defectsOf('merge/a.ts', "import type { Plan } from '../shard/task.js';"), 0);
    assert.equal(defectsOf('cli.ts', "import { run } from './coordinator/run.js';"), 0);
  });

  it('refuse a fenced module and a fenced global, but not in a comment', () => {
    assert.equal(fenceDefects(file('search/a.ts', "import { readFile } from 'node:fs/promises';")).length, 1);
    assert.equal(globalDefects(file('search/a.ts', 'const now = Date.now();')).length, 1);
    assert.equal(globalDefects(file('search/a.ts', withoutComments('/* Date.now */ // console.log'))).length, 0);
  });
});
