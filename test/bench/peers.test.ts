/** The runner of the peers: its protocol, its checks of equal work, and Tidemark's own part in it, by real processes. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { systemClock } from '#src/base/time.js';
import { generate } from '#src/gen/generate.js';
import { GEN_DEFAULTS } from '#src/gen/options.js';
import { formatPartition } from '#src/partition/key.js';
import { openStore } from '#src/store/open.js';
import { TEMPLATE } from '../../bench/harness/corpus.js';
import { type Measured, runCampaign } from '../../bench/peers/campaign.js';
import { boundVerdict, checkWork } from '../../bench/peers/checks.js';
import { PeerProcess } from '../../bench/peers/peer-process.js';
import { type PeerReport, parsePeerReport } from '../../bench/peers/peer-report.js';
import { pickProbes } from '../../bench/peers/probes.js';
import type { Program } from '../../bench/peers/programs.js';
import { sourceOf } from '../../bench/peers/source.js';
import { ratioOf } from '../../bench/peers/tables.js';

const REPORT: PeerReport = {
  program: 'p',
  version: '1',
  threads: 1,
  ms: 10,
  cpuMs: 10,
  indexBytes: 1,
  docs: 100,
  tokens: { name: 200 },
  terms: { name: 20 },
  docFreq: { name: { a: 5, b: 1 } },
  peakBytes: 0,
  notes: '',
};

function measured(name: string, report: Partial<PeerReport>, analyzer: Program['analyzer'] = 'simple'): Measured {
  const program: Program = { name, analyzer, command: [], threads: 'any', warmUps: 0, slow: false };
  return { program, threads: 1, reports: [{ ...REPORT, ...report }] };
}

/** A program of a few lines, which may use `line` (how many builds it was asked for so far). */
function script(body: string): readonly string[] {
  const report = JSON.stringify(JSON.stringify(REPORT));
  const loop = `const report = ${report}; let line = 0;
    require('node:readline').createInterface({ input: process.stdin }).on('line', () => { line++; ${body} });`;
  // What follows is for the program, not for Node.
  return [process.execPath, '-e', loop, '--'];
}

describe('checks of equal work', () => {
  it('take the same counts as the same work, and only the reference of the same analyzer', () => {
    const all = [
      measured('tidemark', {}),
      measured('tidemark-standard', { tokens: { name: 199 } }, 'standard'),
      measured('x', {}),
      measured('y', { tokens: { name: 199 } }, 'standard'),
    ];
    assert.deepEqual(
      checkWork(all).map(({ problem }) => problem),
      [undefined, undefined, undefined, undefined],
    );
  });

  it('name every count that differs', () => {
    const [, other] = checkWork([
      measured('tidemark', {}),
      measured('x', { docFreq: { name: { a: 4, b: 1 } }, tokens: { name: 7 } }),
    ]);
    assert.match(other!.problem!, /tokens of name: 7 instead of 200/);
    assert.match(other!.problem!, /documents with a in name: 4 instead of 5/);
    assert.doesNotMatch(other!.problem!, /with b/);
  });

  it('leave out what a program does not tell, and programs that were given fewer documents', () => {
    const all = [
      measured('tidemark', {}),
      measured('x', { tokens: {}, terms: {} }),
      measured('y', { docs: 10, docFreq: { name: { a: 1 } } }),
    ];
    assert.ok(checkWork(all).every(({ problem }) => problem === undefined));
    assert.match(checkWork([measured('tidemark', {}), measured('z', { docs: 101 })])[1]!.problem!, /documents: 101/);
  });

  it('fail for a program that broke off', () => {
    const [only] = checkWork([{ ...measured('tidemark', {}), reports: [], failure: 'ended with 1' }]);
    assert.equal(only!.problem, 'ended with 1');
  });

  it('hold the bound to eight times Tantivy', () => {
    assert.match(boundVerdict(2, 100, 800), /8\.0 times .* counts as a bound/);
    assert.match(boundVerdict(1, 100, 799), /1 thread .*VOID/);
  });
});

describe('reports', () => {
  it('are refused with the place of what is missing', () => {
    assert.deepEqual(parsePeerReport(JSON.stringify(REPORT)), REPORT);
    assert.throws(
      () => parsePeerReport(JSON.stringify({ ...REPORT, docFreq: { name: { a: '5' } } })),
      /docFreq\.name\.a/,
    );
    assert.throws(() => parsePeerReport(JSON.stringify({ ...REPORT, ms: 0 })), /\bms\b/);
  });

  it('are compared per document', () => {
    const few = [{ ...REPORT, docs: 10, ms: 5 }];
    assert.equal(ratioOf(few, [REPORT]).value, 5);
  });
});

describe('processes', () => {
  it('give a report a line, and end when their input does', async () => {
    const peer = new PeerProcess('p', script('console.log(report)'));
    assert.deepEqual(await peer.run(), REPORT);
    assert.deepEqual(await peer.run(), REPORT);
    await peer.end();
  });

  it('that end in the middle are told with their last words', async () => {
    const peer = new PeerProcess(
      'p',
      script("console.error('no room left'); process.exitCode = 1; process.stdin.destroy()"),
    );
    await assert.rejects(peer.run(), /p ended with 1 in the middle of a build[\s\S]*no room left/);
  });

  it('that cannot be started are told', async () => {
    await assert.rejects(new PeerProcess('p', ['/nonexistent/program']).run(), /ENOENT/);
  });

  it('that fail leave the rounds of the others alone', async () => {
    const base = { analyzer: 'simple', threads: 'one', warmUps: 1, slow: false } as const;
    const sound: Program = { ...base, name: 'sound', command: script('console.log(report)') };
    const broken: Program = {
      ...base,
      name: 'broken',
      command: script('if (line < 3) console.log(report); else process.exit(3)'),
    };
    const variants = [sound, broken].map((program) => ({ program, threads: 1 }));
    const options = { source: '/', probes: [], rounds: 3, warmUps: () => 1, log: () => undefined };
    const [first, second] = await runCampaign(variants, options);
    assert.equal(first!.reports.length, 3);
    assert.equal(first!.failure, undefined);
    assert.match(second!.failure!, /broken, 1 thread ended with 3/);
    assert.deepEqual(second!.reports, []);
  });
});

describe('Tidemark as a peer', () => {
  const root = mkdtempSync(join(tmpdir(), 'tidemark-test-'));
  after(() => rmSync(root, { recursive: true, force: true }));

  it('tells a tree of partitions from one of them', () => {
    const folder = join(root, 'tree/dt=2026-01-02/hour=03/minute=05');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'a.parquet'), '');
    assert.deepEqual(sourceOf(join(root, 'tree')), { uri: join(root, 'tree'), time: undefined });
    assert.deepEqual(sourceOf(folder), { uri: join(root, 'tree'), time: Date.UTC(2026, 0, 2, 3, 5) });
  });

  it('counts the words that a plain reader finds, in all partitions or in the one it is given', async () => {
    const uri = join(root, 'source');
    const store = await openStore({ uri }, systemClock);
    const options = { ...GEN_DEFAULTS, docs: 600, partitions: 2, updateRatio: 0, tombstoneRatio: 0 };
    await generate(options, { store, folderOf: (time) => formatPartition(TEMPLATE, time) });
    const folders = [0, 1].map((n) => join(uri, formatPartition(TEMPLATE, options.startMs + n * options.everyMs)));
    const [probe] = await pickProbes(uri);
    const expected = await Promise.all(folders.map((folder) => wordsIn(folder, probe!)));
    const program = fileURLToPath(new URL('../../bench/peers/tidemark.js', import.meta.url));
    const flags = ['--index', join(root, 'index'), '--threads', '2', '--analyzer', 'simple', '--probes', probe!];
    const cases: readonly (readonly [string, typeof expected])[] = [
      [uri, expected],
      [folders[1]!, [expected[1]!]],
    ];
    for (const [source, parts] of cases) {
      const peer = new PeerProcess('tidemark', [process.execPath, program, '--source', source, ...flags]);
      const report = await peer.run();
      await peer.end();
      const sum = (key: 'docs' | 'tokens' | 'withProbe') => parts.reduce((total, part) => total + part[key], 0);
      assert.equal(report.docs, sum('docs'));
      assert.equal(report.tokens.summary, sum('tokens'));
      assert.equal(report.docFreq.summary![probe!], sum('withProbe'));
      assert.ok(sum('withProbe') > 0 && report.indexBytes > 0);
    }
  });
});

/** Summaries read by another Parquet reader and cut by a regular expression. */
async function wordsIn(folder: string, probe: string) {
  const file = await asyncBufferFromFile(join(folder, 'part-00000.parquet'));
  const rows = await parquetReadObjects({ file, columns: ['summary'] });
  const texts = rows.map(
    ({ summary }) =>
      String(summary ?? '')
        .toLowerCase()
        .match(/[\p{L}\p{Nd}]+/gu) ?? [],
  );
  const tokens = texts.reduce((sum, words) => sum + words.length, 0);
  return { docs: rows.length, tokens, withProbe: texts.filter((words) => words.some((word) => word === probe)).length };
}
