/** Query text is cut as documents are, beside whatever the thread's kernel is at work on. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { analyze } from '#src/kernel/analyze.js';
import type { AnalyzerName } from '#src/kernel/analyzers.js';
import { Kernel } from '#src/kernel/kernel.js';
import { tokensOf } from '../support/tokenizer.js';

const TEXTS = ['', 'React Table', "don't use node.js 2.0", '日本語 Ünïcode 🚀 ÅÇ', 'x'.repeat(600)];

const textOf = (tokens: readonly Uint8Array[]) => tokens.map((token) => new TextDecoder().decode(token));

describe('analyze', () => {
  for (const analyzer of ['standard', 'simple', 'whitespace', 'keyword'] satisfies AnalyzerName[]) {
    it(`cuts by ${analyzer} as the tokenizer does, from text and from bytes`, () => {
      for (const text of TEXTS) {
        const expected = tokensOf(analyzer, text);
        assert.deepEqual(textOf(analyze(analyzer, text)), expected);
        assert.deepEqual(textOf(analyze(analyzer, new TextEncoder().encode(text))), expected);
      }
    });
  }

  it('leaves the arena as it was, and what lies in it', () => {
    const kernel = Kernel.create();
    const held = new TextEncoder().encode('held by a merge');
    const at = kernel.copyIn(held);
    const used = kernel.call.used();
    analyze('standard', 'a longer text '.repeat(10_000), kernel);
    assert.equal(kernel.call.used(), used);
    assert.deepEqual(kernel.copyOut(at, held.length), held);
  });
});
