/** The kernel's two sides name the same exports, and the built artefact carries them and little else. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ROOT, withoutComments } from '../support/repository.js';

/** The part of the WebAssembly API used here; the Node typings carry none of it. */
declare const WebAssembly: {
  readonly Module: {
    new (bytes: Uint8Array): object;
    exports(module: object): { readonly name: string }[];
    imports(module: object): unknown[];
    customSections(module: object, name: string): ArrayBuffer[];
  };
};

/** Exports that tests read and the host has no use for. */
const TESTS_ONLY = ['ANALYZER_KEYWORD', 'ANALYZER_SIMPLE', 'ANALYZER_STANDARD', 'ANALYZER_WHITESPACE', 'wordBreaks'];

/**
 * A third of the kernel is the Unicode tables (about 16 KB), a sixth the page decoder, a tenth DEFLATE; the code doubles when somebody pulls in the managed runtime or
 * lets a loop be unrolled by inlining. Raise it only for a feature that explains the growth. The functions' names do not count: no engine
 * reads them before a profiler asks.
 */
const MAX_KERNEL_BYTES = 64 << 10;

const read = (path: string) => withoutComments(readFileSync(join(ROOT, path), 'utf8'));
const bytes = readFileSync(join(ROOT, 'dist/kernel.wasm'));
const built = new WebAssembly.Module(bytes);
const names = WebAssembly.Module.customSections(built, 'name');

function exportList(): string[] {
  const lists = [...read('wasm/index.ts').matchAll(/export\s*\{([^}]*)\}/g)].map((match) => match[1]!);
  return lists
    .join()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function hostList(): string[] {
  const body = /export interface KernelExports \{([\s\S]*?)\n\}/.exec(read('src/kernel/abi.ts'))![1]!;
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)(?:\(|:)/gm)].map((match) => match[1]!);
}

describe('the kernel', () => {
  it('exports what its list says, and its memory', () => {
    const exported = WebAssembly.Module.exports(built).map(({ name }) => name);
    assert.deepEqual(exported.sort(), [...exportList(), 'memory'].sort());
  });

  it('exports what the host calls, and nothing without a caller', () => {
    assert.deepEqual(
      hostList().sort(),
      [...exportList().filter((name) => !TESTS_ONLY.includes(name)), 'memory'].sort(),
    );
  });

  it('imports nothing: no host call can slow a loop', () => {
    assert.deepEqual(WebAssembly.Module.imports(built), []);
  });

  it('stays small', () => {
    const named = names.reduce((sum, section) => sum + section.byteLength, 0);
    const size = bytes.byteLength - named;
    assert.ok(size <= MAX_KERNEL_BYTES, `${size} bytes`);
  });

  it('names its functions, so that a profile can', () => {
    assert.equal(names.length, 1);
    assert.match(Buffer.from(names[0]!).toString('latin1'), /wasm\/terms\/\w/);
  });
});
