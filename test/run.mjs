// Runs every compiled test file with node's own runner and closes with one plain line: `N passed, N failed`.
// Usage: node test/run.mjs [path filter ...]
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../build/test/', import.meta.url));
const filters = process.argv.slice(2);
const files = readdirSync(root, { recursive: true })
  .map((name) => join(root, name))
  .filter((file) => file.endsWith('.test.js') && (filters.length === 0 || filters.some((f) => file.includes(f))))
  .sort();
if (files.length === 0) {
  console.error(`no test file matches ${filters.join(' ')}`);
  process.exit(1);
}

let passed = 0;
let failed = 0;
let skipped = 0;
const stream = run({ files, concurrency: 2 });
const isSuite = (event) => event.details?.type === 'suite';
stream.on('test:pass', (event) => {
  if (isSuite(event)) return;
  if (event.skip !== undefined) skipped++;
  else passed++;
});
stream.on('test:fail', (event) => {
  if (!isSuite(event)) failed++;
  process.exitCode = 1;
});
stream.compose(new spec()).pipe(process.stdout);
stream.on('end', () => {
  setImmediate(() => console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`));
});
