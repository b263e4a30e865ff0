// The generated tables are what their generator writes: nobody has edited them, and the Unicode data has not moved.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';

it('are written anew byte for byte', () => {
  const wasm = new URL('../../../wasm/', import.meta.url);
  const folder = mkdtempSync(join(tmpdir(), 'unicode-tables-'));
  try {
    const output = join(folder, 'unicode-tables.ts');
    execFileSync(process.execPath, [fileURLToPath(new URL('tools/generate-tables.mjs', wasm)), output]);
    assert.ok(readFileSync(output).equals(readFileSync(new URL('unicode-tables.ts', wasm))));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
