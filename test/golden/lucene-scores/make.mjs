// Writes documents.tsv.gz (seeded) and scores.txt.gz (what Lucene says of them). Usage: node make.mjs JAVA CLASSPATH
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const here = fileURLToPath(new URL('.', import.meta.url));
const DOCUMENTS = 500;
const WORDS = 40;

let state = 20260504;
/** Uniform in [0, 1): a linear congruential generator, so that the corpus is the same for ever. */
function random() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
}

/** Word 1 is the most frequent: the quadratic keeps rare words there. */
const word = () => `w${1 + Math.floor(WORDS * random() ** 2)}`;
const words = (least, most) =>
  Array.from({ length: least + Math.floor(random() * (most - least + 1)) }, word).join(' ');

const lines = Array.from({ length: DOCUMENTS }, (_, i) => {
  const tags = ['red', 'green', 'blue'].filter(() => random() < 0.3).join(',');
  const body = random() < 0.1 ? '' : words(1, random() < 0.1 ? 120 : 30);
  return [`d${i}`, words(0, 6), body, tags].join('\t');
});

const folder = mkdtempSync(join(tmpdir(), 'lucene-scores-'));
try {
  const documents = join(folder, 'documents.tsv');
  writeFileSync(documents, lines.join('\n'));
  const [java, classpath] = process.argv.slice(2);
  const scores = execFileSync(java, ['-cp', classpath, 'LuceneScores', documents, join(here, 'queries.txt')]);
  writeFileSync(join(here, 'documents.tsv.gz'), gzipSync(lines.join('\n'), { level: 9 }));
  writeFileSync(join(here, 'scores.txt.gz'), gzipSync(scores, { level: 9 }));
} finally {
  rmSync(folder, { recursive: true });
}
