/** A real build recorded by the command line: every file that it writes is read back and held against the run. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { RunReport } from '#src/coordinator/report.js';
import type { FlameData, FlameNode } from '#src/profile/flame-data.js';
import type { Overhead } from '#src/profile/overhead.js';
import type { CpuProfile } from '#src/profile/recording.js';
import type { SpeedscopeFile } from '#src/profile/speedscope.js';
import type { Summary } from '#src/profile/summary.js';
import type { TraceEvent, TraceFile } from '#src/profile/trace.js';
import { buildFlags, DEMO_DELTAS, landMinutes, minuteFolder, tidemark, tidemarkJson } from '../support/cli.js';

const root = mkdtempSync(join(tmpdir(), 'tidemark-profile-'));
after(() => rmSync(root, { recursive: true, force: true }));

const FILES = ['profile.cpuprofile', 'profile.html', 'profile.speedscope.json', 'summary.json', 'trace.json'];
const THREADS = ['main', 'worker 1', 'worker 2'];
const MINUTES = [0, 5];

const source = join(root, 'source');
landMinutes(source, ...MINUTES);

/** The flags of a build, for another command and two threads. */
function profileFlags(out: string, ...more: readonly string[]): string[] {
  const [, ...flags] = buildFlags(source, join(root, `index-of-${out}`));
  flags[flags.indexOf('--threads') + 1] = '2';
  return ['profile', ...flags, '--out', join(root, out), ...more];
}

function readJson<T>(out: string, name: string): T {
  return JSON.parse(readFileSync(join(root, out, name), 'utf8')) as T;
}

/** How far two µs figures may be apart that were rounded on the way. */
const ROUNDED_US = 2;

interface ProfileJson {
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  readonly summary: Summary;
  readonly overhead: Overhead;
  readonly reports: readonly RunReport[];
}

describe('a profile of a build', () => {
  let told: ProfileJson;
  let trace: TraceFile;
  let events: readonly TraceEvent[];
  const only = (cat: string, ph: TraceEvent['ph']) => events.filter((event) => event.cat === cat && event.ph === ph);

  before(async () => {
    // The finest sampling there is, since the build is short.
    told = await tidemarkJson<ProfileJson>(...profileFlags('cold', '--pairs', '1', '--interval', '100'));
    trace = readJson('cold', 'trace.json');
    events = trace.traceEvents;
  });

  it('is a build: the index is committed', () => {
    const [report, ...others] = told.reports;
    assert.deepEqual([report!.generation, report!.committed, others.length], [1, true, 0]);
  });

  it('writes the files it names, and leaves nothing else behind', () => {
    assert.deepEqual(readdirSync(join(root, 'cold')).sort(), FILES);
    for (const { path, bytes } of told.files) assert.equal(readFileSync(path).length, bytes);
    assert.equal(told.files.length, FILES.length);
  });

  it('gives one CPU profile with a top node a thread, that holds the whole time of each', () => {
    const { nodes, samples, timeDeltas, startTime, endTime } = readJson<CpuProfile>('cold', 'profile.cpuprofile');
    const byId = new Map(nodes.map((node) => [node.id, node]));
    assert.equal(byId.size, nodes.length, 'ids are unique');
    const children = nodes.flatMap(({ children: ids }) => ids ?? []);
    assert.equal(new Set(children).size, nodes.length - 1, 'every node but the root has one parent');
    assert.ok(samples.every((id) => byId.has(id)));
    assert.equal(samples.length, timeDeltas.length);
    assert.ok(timeDeltas.every((delta) => delta >= 0));
    assert.deepEqual(
      nodes[0]!.children!.map((id) => byId.get(id)!.callFrame.functionName),
      THREADS,
    );
    const wallUs = told.summary.wallMs * 1000;
    assert.ok(Math.abs(endTime - startTime - THREADS.length * wallUs) <= ROUNDED_US);
    const hits = nodes.reduce((sum, { hitCount }) => sum + (hitCount ?? 0), 0);
    assert.equal(hits, samples.length);
  });

  it('gives speedscope a profile a thread, each as long as the recording', () => {
    const { profiles, shared } = readJson<SpeedscopeFile>('cold', 'profile.speedscope.json');
    assert.deepEqual(
      profiles.map(({ name }) => name),
      THREADS,
    );
    for (const { samples, weights, startValue, endValue } of profiles) {
      assert.equal(samples.length, weights.length);
      assert.ok(samples.flat().every((frame) => shared.frames[frame] !== undefined));
      const sum = weights.reduce((total, weight) => total + weight, 0);
      assert.ok(Math.abs(sum - (endValue - startValue)) < ROUNDED_US, 'samples leave no gap');
      assert.ok(startValue < ROUNDED_US && Math.abs(endValue - told.summary.wallMs * 1000) < ROUNDED_US);
    }
  });

  it("names the kernel's functions, in the workers", () => {
    const { profiles, shared } = readJson<SpeedscopeFile>('cold', 'profile.speedscope.json');
    const inWorkers = profiles.slice(1).flatMap(({ samples }) => samples.flat());
    const kernel = [...new Set(inWorkers)]
      .map((frame) => shared.frames[frame]!)
      .filter((f) => f.file === 'kernel.wasm');
    assert.ok(kernel.some(({ name }) => name.startsWith('wasm/')));
    const frames = new Set(shared.frames.map(({ name, file }) => `${name} ${file}`));
    assert.ok(frames.has('buildShard tidemark/worker/build-shard.js'));
    assert.ok(![...frames].some((frame) => frame.startsWith('js-to-wasm') && frame.includes('kernel')));
  });

  it('traces every task, on the worker that ran it, without overlap', () => {
    const tasks = only('task', 'X');
    const rows = tasks.filter(({ name }) => name === 'shard').map(({ args }) => args!.rows as number);
    return Promise.all(
      MINUTES.flatMap((minute) =>
        readdirSync(join(DEMO_DELTAS, minuteFolder(minute))).map((file) =>
          tidemarkJson<{ rows: number }>('inspect', join(DEMO_DELTAS, minuteFolder(minute), file)),
        ),
      ),
    ).then((inputs) => {
      const all = inputs.reduce((sum, input) => sum + input.rows, 0);
      assert.equal(
        rows.reduce((sum, count) => sum + count, 0),
        all,
        'the rows of all shards are the rows of the source',
      );
      assert.deepEqual([...new Set(tasks.map(({ name }) => name))].sort(), ['compress', 'merge', 'shard']);
      assert.equal(only('queue', 'b').length, tasks.length, 'each has waited');
      const workers = events.filter(
        ({ name, args }) => name === 'thread_name' && /^worker \d$/.test(String(args!.name)),
      );
      assert.ok(tasks.every(({ tid }) => workers.some((worker) => worker.tid === tid)));
      assert.equal(told.summary.phases.at(-1)!.tasks, tasks.length);
    });
  });

  it('traces slices that nest: steps in tasks, phases in their run', () => {
    assert.equal(only('run', 'X').length, 1);
    const all = events.filter(({ ph, cat }) => ph === 'X' && cat !== 'gc');
    for (const track of new Set(all.map(({ tid }) => tid))) {
      const slices = all.filter(({ tid }) => tid === track);
      const open: TraceEvent[] = [];
      for (const slice of slices) {
        const end = (event: TraceEvent) => event.ts + event.dur!;
        while (open.length > 0 && end(open.at(-1)!) <= slice.ts + 1e-3) open.pop();
        const around = open.at(-1);
        assert.ok(around === undefined || end(slice) <= end(around) + 1e-3, `${slice.name} in ${around?.name}`);
        if (slice.cat === 'phase') assert.equal(open[0]?.cat, 'run');
        if (slice.cat === 'step') assert.equal(around?.cat, 'task');
        open.push(slice);
      }
    }
    const phases = new Set(only('phase', 'X').map(({ name }) => name));
    assert.deepEqual([...phases].sort(), ['build', 'commit', 'merge', 'read', 'seal', 'select']);
  });

  it('pairs what it begins', () => {
    for (const [begin, end] of [
      ['b', 'e'],
      ['s', 'f'],
    ]) {
      const ids = (ph: string | undefined) =>
        events
          .filter((event) => event.ph === ph)
          .map(({ id }) => id)
          .sort();
      assert.ok(ids(begin).length > 0);
      assert.deepEqual(ids(begin), ids(end));
    }
  });

  it('tells the calls of the stores with their bytes, in main and in the workers', () => {
    const calls = only('store', 'b');
    for (const { name, bytes } of told.reports[0]!.segments) {
      const puts = calls.filter((call) => call.name === 'main PUT' && call.args!.key === name);
      assert.deepEqual(
        puts.map(({ args }) => args!.bytes),
        [bytes],
      );
    }
    const gets = calls.filter(({ name }) => /^worker \d GET$/.test(name));
    assert.ok(gets.length > 0 && gets.every(({ args }) => (args!.bytes as number) > 0));
    assert.ok(calls.some(({ name }) => name === 'main LIST'));
  });

  it('counts memory of process and kernels', () => {
    const counter = (name: string) => events.filter((event) => event.ph === 'C' && event.name === name);
    assert.ok(counter('resident bytes').length > 1);
    assert.ok(counter('resident bytes').every(({ args }) => (args!.rss as number) > 1 << 20));
    assert.ok(counter('kernel bytes, worker 1').some(({ args }) => (args!.bytes as number) > 1 << 16));
    const load = counter('pool tasks').at(-1)!.args;
    assert.deepEqual(load, { waiting: 0, working: 0 });
    const { threads, peakRssBytes } = told.summary;
    assert.ok(peakRssBytes > 1 << 20);
    assert.ok(threads.every(({ allocatedBytes }) => allocatedBytes > 0));
  });

  it('sums its phases up to the run', () => {
    const total = told.summary.phases.at(-1)!;
    const parts = told.summary.phases.slice(0, -1);
    const sum = parts.reduce((ms, row) => ms + row.ms, 0);
    assert.ok(Math.abs(sum - total.ms) < 0.01, `${sum} of ${total.ms}`);
    assert.equal(
      parts.reduce((tasks, row) => tasks + row.tasks, 0),
      total.tasks,
    );
    assert.equal(told.summary.hottest.length, 10);
  });

  it('writes one page that asks nobody for anything', () => {
    const html = readFileSync(join(root, 'cold', 'profile.html'), 'utf8');
    assert.doesNotMatch(html, /https?:|\/\/[a-z]+\.|\bsrc=|@import|\burl\(|sourceMappingURL/i);
    const links = [...html.matchAll(/href="([^"]*)"/g)].map((match) => match[1]);
    assert.deepEqual(links, ['data:,']);
    assert.match(html, /http-equiv="Content-Security-Policy" content="default-src 'none'/);
    const json = /<script type="application\/json" id="flame-data">(.*?)<\/script>/s.exec(html)![1]!;
    const { functions, threads } = JSON.parse(json) as FlameData;
    assert.deepEqual(
      threads.map(([fn]) => functions[fn]![0]),
      THREADS,
    );
    const isWhole = ([, total, self, calls]: FlameNode): boolean =>
      self + calls.reduce((sum, call) => sum + call[1], 0) <= total + calls.length + 1 && calls.every(isWhole);
    assert.ok(threads.every(isWhole), 'calls are no longer than their caller');
  });

  it('says what the recording cost', () => {
    const { pairs, wall, cpu } = told.overhead;
    const [pair] = pairs;
    assert.equal(pairs.length, 1);
    assert.equal(wall.median, pair!.recorded.wallMs / pair!.plain.wallMs);
    assert.equal(cpu.median, pair!.recorded.cpuMs / pair!.plain.cpuMs);
  });
});

describe('a profile of a daemon', () => {
  it('records its triggers and prints what it found', async () => {
    const file = join(root, 'tidemark.yaml');
    writeFileSync(
      file,
      `source: { uri: ${source}, ready: { settle: 0s }, start: 2026-05-04T00:00:00Z }
schema: { id: package, fields: { name: text, keywords: keyword } }
index: { uri: ${join(root, 'index-of-daemon')} }
trigger: { every: 1s, deadline: 900ms }
build: { threads: 1 }
`,
    );
    const words = ['profile', '-c', file, '--triggers', '2', '--warm', '--no-overhead', '--out', join(root, 'daemon')];
    const { code, stdout, stderr } = await tidemark(...words);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Profile of 2 triggers: .*tidemark\.yaml\n/);
    assert.match(stdout, /\n {2}build +[\d.]+ +[\d.]+ % /);
    assert.match(stdout, /\nhottest functions\n(?: {2}.*\n){11}\n/);
    assert.doesNotMatch(stdout, /overhead/);
    const { traceEvents } = readJson<TraceFile>('daemon', 'trace.json');
    const runs = traceEvents.filter(({ cat }) => cat === 'run').map(({ name }) => name);
    assert.deepEqual(runs, ['default 1', 'default 2']);
    assert.equal(readdirSync(join(root, 'daemon')).length, FILES.length, 'the scratch index is gone');
  });
});

describe('the words of profile', () => {
  it('refuses triggers without a configuration, and a sampling that is none', async () => {
    assert.equal((await tidemark(...profileFlags('refused', '--triggers', '2'))).code, 2);
    assert.equal((await tidemark(...profileFlags('refused', '--interval', '5'))).code, 2);
  });
});
