/**
 * One JavaScript library in the protocol of the peers: a timed build for every line `run` on standard input.
 *
 *   node peer.mjs --library map|minisearch|flexsearch|orama|lunr --source FOLDER --index FOLDER --threads 1 [--probes w1,w2,..]
 *
 * Documents are decoded to plain objects before the first build and stay; a build starts from them and ends with the index in memory.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { readDocuments } from './documents.mjs';

const FIELDS = ['name', 'summary'];
const text = { type: 'string' };
const { values } = parseArgs({ options: { library: text, source: text, index: text, threads: text, probes: text } });
const { library: name = 'map', source, threads = '1', probes = '' } = values;
const words = probes === '' ? [] : probes.split(',');

function peakBytes() {
  try {
    return 1024 * Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

/** Numbers by field. */
function byField(count) {
  return Object.fromEntries(FIELDS.map((field) => [field, count(field)]).filter(([, value]) => value !== undefined));
}

function countsOf(library, index) {
  return {
    tokens: byField((field) => library.tokens?.(index, field)),
    terms: byField((field) => library.terms?.(index, field)),
    docFreq: byField((field) => Object.fromEntries(words.map((word) => [word, library.docFreq(index, field, word)]))),
    // The length of what the library itself would write, in UTF-16 units of mostly ASCII text.
    indexBytes: library.serializedLength?.(index) ?? 0,
  };
}

async function timedBuild(library, documents) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const index = await library.build(documents);
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { index, ms, cpuMs: (user + system) / 1000 };
}

async function main() {
  if (source === undefined || threads !== '1') throw new Error('--source is needed, and --threads 1 is all there is');
  const library = await import(`./libraries/${name}.mjs`);
  let documents;
  let counts;
  let peak;
  for await (const line of createInterface({ input: process.stdin })) {
    if (line !== 'run') throw new Error(`expected 'run', got '${line}'`);
    documents ??= await readDocuments(source, library.docLimit);
    const { index, ms, cpuMs } = await timedBuild(library, documents);
    // Before the counts, which serialize the index.
    peak ??= peakBytes();
    counts ??= countsOf(library, index);
    const notes = `strings decoded beforehand, not timed; nothing written; ${library.notes}`;
    const report = { ms, cpuMs, docs: documents.length, ...counts, peakBytes: peak, notes };
    process.stdout.write(`${JSON.stringify({ program: name, version: library.version, threads: 1, ...report })}\n`);
  }
}

try {
  await main();
} catch (error) {
  console.error(error);
  process.exit(1);
}
