// Asks Lucene for the tokens of real and nasty texts and writes the golden files beside this one.
// Usage: make.sh, which finds Java and Lucene and calls: node make.mjs JAVA CLASSPATH PARQUET..
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';
import { nastyTexts, randomOf, TEMPLATE } from './texts.mjs';

const ASCII_SAMPLE_COUNT = 700;
const WIDE_SAMPLE_COUNT = 1300;

const [java, classpath, ...parquetFiles] = process.argv.slice(2);

function askLucene(options, input) {
  const run = spawnSync(java, ['-cp', classpath, 'LuceneTokens', ...options], { input, maxBuffer: 1 << 30 });
  if (run.status !== 0) throw new Error(`LuceneTokens failed: ${run.stderr}`);
  return run.stdout.toString('utf8').split('\n').slice(0, -1);
}

const encode = (text) => Buffer.from(text, 'utf8').toString('base64');
const decode = (base64) => Buffer.from(base64, 'base64').toString('utf8');

/** Real descriptions: a seeded sample of ASCII ones, and of those that are not (they are rare, so they get a sample of their own). */
async function realTexts() {
  const summaries = [];
  for (const path of parquetFiles) {
    const { buffer, byteOffset, byteLength } = readFileSync(path);
    const file = buffer.slice(byteOffset, byteOffset + byteLength);
    for (const row of await parquetReadObjects({ file, columns: ['summary'] })) summaries.push(row.summary);
  }
  const random = randomOf(4);
  const sample = (texts, count) => Array.from({ length: count }, () => texts[random(texts.length)]);
  const isAscii = (text) => /^[\0-\x7f]*$/.test(text);
  const ascii = summaries.filter((text) => text.length > 40 && isAscii(text));
  const wide = summaries.filter((text) => !isAscii(text));
  return [...new Set([...sample(ascii, ASCII_SAMPLE_COUNT), ...sample(wide, WIDE_SAMPLE_COUNT)])];
}

function writeGolden(name, text) {
  const packed = gzipSync(text, { level: 9 });
  writeFileSync(new URL(name, import.meta.url), packed);
  console.log(`${name}: ${packed.length} bytes`);
}

const texts = [...(await realTexts()), ...nastyTexts()];
const answers = askLucene(['tokens'], `${texts.map(encode).join('\n')}\n`);
if (answers.length !== texts.length) throw new Error(`${answers.length} answers to ${texts.length} texts`);
const pairs = texts.map((text, i) => [text, answers[i] === '' ? [] : answers[i].split(' ').map(decode)]);
writeGolden('tokens.jsonl.gz', `${pairs.map((pair) => JSON.stringify(pair)).join('\n')}\n`);
writeGolden('code-points.txt.gz', `${encode(TEMPLATE)}\n${askLucene(['code-points', encode(TEMPLATE)]).join('\n')}\n`);
