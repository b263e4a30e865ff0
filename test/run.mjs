// Runs every compiled test file with node's own runner and closes with one plain line: `N passed, N failed, N skipped`.
// Usage: node test/run.mjs [--acceptance] [path filter ...]
// --acceptance runs the *.acceptance files, which need data that a clone does not carry, instead of the *.test files.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../build/test/', import.meta.url));
const words = process.argv.slice(2);
const ending = words.includes('--acceptance') ? '.acceptance.js' : '.test.js';
const unknown = words.filter((word) => word.startsWith('-') && word !== '--acceptance');
const filters = words.filter((word) => !word.startsWith('-'));
const files = readdirSync(root, { recursive: true })
  .map((name) => join(root, name))
  .filter((file) => file.endsWith(ending) && (filters.length === 0 || filters.some((f) => file.includes(f))))
  .sort();
if (unknown.length > 0 || files.length === 0) {
  console.error(
    unknown.length > 0 ? `no such option: ${unknown.join(' ')}` : `no test file matches ${words.join(' ')}`,
  );
  process.exit(1);
}

let passed = 0;
let failed = 0;
const skips = [];
const stream = run({ files, concurrency: 2 });
const isSuite = (event) => event.details?.type === 'suite';
stream.on('test:pass', (event) => {
  if (event.skip !== undefined) skips.push({ name: event.name, reason: event.skip });
  else if (!isSuite(event)) passed++;
});
stream.on('test:fail', (event) => {
  if (!isSuite(event)) failed++;
  process.exitCode = 1;
});
stream.compose(new spec()).pipe(process.stdout);
stream.on('end', () => {
  setImmediate(() => {
    for (const { name, reason } of skips) {
      console.log(`skipped: ${name}: ${typeof reason === 'string' && reason !== '' ? reason : 'no reason given'}`);
    }
    console.log(`${passed} passed, ${failed} failed, ${skips.length} skipped`);
  });
});
