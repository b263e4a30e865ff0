/**
 * Tidemark in the protocol of the peers: the library's own run on a warm pool.
 *
 *   node build/bench/peers/tidemark.js --source FOLDER --index FOLDER --threads N [--analyzer simple|standard] [--probes w1,w2,..]
 *
 * Every line `run` on standard input is one build, told as one line of JSON. The timed region reaches from opening the stores to an index
 * that was opened again. The first build is checked as `tidemark check` does, and its dictionaries give the counts: by another process
 * (`--count`), so that the memory of this one is that of building.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { systemClock } from '#src/base/time.js';
import { checkIndex } from '#src/cli/check-index.js';
import type { RunReport } from '#src/coordinator/report.js';
import { runOnce } from '#src/coordinator/run.js';
import { openIndex } from '#src/index.js';
import type { SegmentReader } from '#src/segment/reader.js';
import { Pool } from '#src/shard/pool.js';
import { openStore } from '#src/store/open.js';
import { FIELD_SHAPES, indexSettings } from '../harness/index-run.js';
import { recentPeakMemoryBytes } from '../harness/machine.js';
import { time } from '../harness/measure.js';
import type { PeerReport } from './peer-report.js';
import { sourceOf } from './source.js';

interface Flags {
  readonly source: string;
  readonly index: string;
  readonly threads: number;
  readonly analyzer: 'simple' | 'standard';
  readonly probes: readonly string[];
  /** Checks the index that is there and tells its counts, instead of building. */
  readonly count: boolean;
}

type Counts = Pick<PeerReport, 'docs' | 'tokens' | 'terms' | 'docFreq'>;

const TEXT_FIELDS = ['name', 'summary'] as const;
/** As the daemon has it unless told. */
const MAX_BYTES_IN_FLIGHT = 1 << 30;

function readFlags(): Flags {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { source: text, index: text, threads: text, analyzer: text, probes: text, count: { type: 'boolean' } },
  });
  const { source, index, analyzer = 'simple', probes = '', count = false } = values;
  if (source === undefined || index === undefined) throw new Error('--source and --index are needed');
  if (analyzer !== 'simple' && analyzer !== 'standard') throw new Error(`no such analyzer: ${analyzer}`);
  const threads = Number(values.threads ?? 1);
  return { source, index, threads, analyzer, probes: probes === '' ? [] : probes.split(','), count };
}

/** One run, from opening the stores to an index opened again. */
async function build({ source, index, analyzer }: Flags, pool: Pool): Promise<RunReport> {
  const { uri, time: partition } = sourceOf(source);
  const fields = FIELD_SHAPES.bench.map((field) => (field.type === 'text' ? { ...field, analyzer } : field));
  const settings = indexSettings(uri, index, { fields });
  const deps = {
    source: await openStore(settings.source.store, systemClock),
    index: await openStore(settings.index, systemClock),
    pool,
    clock: systemClock,
  };
  try {
    const only = { ...settings, source: { ...settings.source, start: partition } };
    const options = { base: false, passOver: false, until: partition };
    const report = await runOnce(deps, partition === undefined ? settings : only, options);
    await openIndex(index);
    return report;
  } finally {
    deps.source.close();
    deps.index.close();
  }
}

/** Counts from the segments; fails where the index has a defect. */
async function verifiedCounts({ index, probes }: Flags): Promise<Counts> {
  const store = await openStore({ uri: index }, systemClock);
  try {
    const { ok, defects } = await checkIndex(store, new AbortController().signal);
    if (!ok) throw new Error(`the index has defects: ${JSON.stringify(defects)}`);
  } finally {
    store.close();
  }
  const { segments } = (await openIndex(index)).snapshot;
  if (segments.length !== 1) throw new Error(`${segments.length} segments instead of one`);
  return countsOf(segments[0]!.reader, probes);
}

async function countsOf(reader: SegmentReader, probes: readonly string[]): Promise<Counts> {
  const tokens: Record<string, number> = {};
  const terms: Record<string, number> = {};
  const docFreq: Record<string, Record<string, number>> = {};
  for (const field of TEXT_FIELDS) {
    const { sumTotalTermFreq = 0, terms: distinct = 0 } = reader.field(field) ?? {};
    tokens[field] = sumTotalTermFreq;
    terms[field] = distinct;
    docFreq[field] = {};
    const dictionary = await reader.dictionary(field);
    for (const word of probes) {
      docFreq[field][word] = (await dictionary.seekExact(Buffer.from(word)))?.docFreq ?? 0;
    }
  }
  return { docs: reader.docs, tokens, terms, docFreq };
}

function folderBytes(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

/** The same by a process of its own. */
function countsByAnother({ source, index, probes }: Flags): Counts {
  const self = fileURLToPath(import.meta.url);
  const args = ['--count', '--source', source, '--index', index, '--probes', probes.join(',')];
  return JSON.parse(execFileSync(process.execPath, [self, ...args], { encoding: 'utf8' })) as Counts;
}

async function serve(flags: Flags): Promise<void> {
  let pool: Pool | undefined;
  let counts: Counts | undefined;
  for await (const line of createInterface({ input: process.stdin })) {
    if (line !== 'run') throw new Error(`expected 'run', got '${line}'`);
    pool ??= new Pool({ threads: flags.threads, maxBytesInFlight: MAX_BYTES_IN_FLIGHT });
    rmSync(flags.index, { recursive: true, force: true });
    mkdirSync(flags.index, { recursive: true });
    const { value: report, wallMs, cpuMs } = await time(() => build(flags, pool!));
    counts ??= countsByAnother(flags);
    const told: PeerReport = {
      program: flags.analyzer === 'simple' ? 'tidemark' : 'tidemark-standard',
      version: '0.1.0',
      threads: flags.threads,
      ms: wallMs,
      cpuMs,
      indexBytes: folderBytes(flags.index),
      ...counts,
      phases: report.phases as unknown as Record<string, number>,
      peakBytes: recentPeakMemoryBytes(),
      notes: 'manifest and input record included; the first build was checked in full',
    };
    process.stdout.write(`${JSON.stringify(told)}\n`);
  }
  await pool?.close();
}

try {
  const flags = readFlags();
  if (flags.count) process.stdout.write(JSON.stringify(await verifiedCounts(flags)));
  else await serve(flags);
} catch (error) {
  console.error(error);
  process.exit(1);
}
