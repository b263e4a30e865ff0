// Speed of the tokenizer over real package descriptions, strung together to values of some 300 bytes.
// Usage: node build/bench/kernel/tokenize.bench.js [PARQUET..]   (files with a column `summary`; else the golden texts)
//
// AMD EPYC, Node 20, one thread, 63 MB of values made of 152,026 descriptions, 9.6 M tokens, best of 8, `standard`:
//   ASCII 32 ms (1,990 MB/s) · as they are, 2.5 % of them beyond ASCII, 36 ms (1,770 MB/s) · only those beyond 113 ms (560 MB/s)
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';
import { ANALYZERS, type AnalyzerName } from '#src/kernel/analyzers.js';
import { Kernel } from '#src/kernel/kernel.js';

/** DESIGN's measured corpus: 62.9 MB of text in values of about this size. */
const VALUE_BYTES = 300;
const CORPUS_BYTES = 63_000_000;
const ROUNDS = 8;
/** What the tokenizer may read behind the last value. */
const BEHIND_BYTES = 64;

async function readSummaries(files: readonly string[]): Promise<string[]> {
  const summaries: string[] = [];
  for (const path of files) {
    const { buffer, byteOffset, byteLength } = readFileSync(path);
    const file = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
    for (const row of await parquetReadObjects({ file, columns: ['summary'] })) summaries.push(row.summary as string);
  }
  return summaries;
}

/** The real texts among the golden ones: they come first, then the nasty ones, of which the empty text is the first. */
function goldenSummaries(): string[] {
  const path = new URL('../../../test/golden/lucene/tokens.jsonl.gz', import.meta.url);
  const lines = gunzipSync(readFileSync(path)).toString('utf8').trimEnd().split('\n');
  const texts = lines.map((line) => (JSON.parse(line) as [string])[0]);
  return texts.slice(0, texts.indexOf(''));
}

/** Values of about VALUE_BYTES, again and again from the front, up to CORPUS_BYTES. */
function corpusOf(texts: readonly string[]): Buffer[] {
  const values: Buffer[] = [];
  let total = 0;
  let value = '';
  for (let i = 0; total < CORPUS_BYTES; i++) {
    value += `${texts[i % texts.length]} `;
    if (value.length < VALUE_BYTES) continue;
    values.push(Buffer.from(value));
    total += values.at(-1)!.length;
    value = '';
  }
  return values;
}

function measure(name: string, analyzer: AnalyzerName, texts: readonly string[]): void {
  const kernel = Kernel.create();
  const values = corpusOf(texts);
  const data = Buffer.concat([...values, Buffer.alloc(BEHIND_BYTES)]);
  const src = kernel.copyIn(data);
  kernel.call.reserveTokens(values.reduce((most, { length }) => Math.max(most, length), 0));
  let bestMs = Number.POSITIVE_INFINITY;
  let tokens = 0;
  for (let round = 0; round < ROUNDS; round++) {
    tokens = 0;
    let at = src;
    const startMs = performance.now();
    for (const { length } of values) {
      tokens += kernel.call.tokenize(ANALYZERS[analyzer], at, length);
      at += length;
    }
    bestMs = Math.min(bestMs, performance.now() - startMs);
  }
  const bytes = data.length - BEHIND_BYTES;
  const rate = Math.round(bytes / bestMs / 1e3);
  console.log(`${analyzer.padEnd(10)} ${name.padEnd(14)} ${bestMs.toFixed(1)} ms, ${rate} MB/s, ${tokens} tokens`);
}

const files = process.argv.slice(2);
const summaries = files.length > 0 ? await readSummaries(files) : goldenSummaries();
const isAscii = (text: string) => Buffer.byteLength(text) === text.length;
const ascii = summaries.filter(isAscii);
const wide = summaries.filter((text) => !isAscii(text));
for (const analyzer of ['standard', 'simple', 'whitespace'] as const) {
  measure('ASCII', analyzer, ascii);
  measure('as they are', analyzer, summaries);
  measure('beyond ASCII', analyzer, wide);
}
