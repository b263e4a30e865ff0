// The official word break cases (Unicode 15.0), run inside the kernel.
//
// The cases say where text may be broken; the kernel says which stretches are tokens. So: a stretch between two breaks that
// holds a letter, number, kana, ideograph or emoji must be a token, and nothing else may be one.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { referenceTokens } from '../support/reference-tokenizer.js';
import { breaksOf, tokensOf } from '../support/tokenizer.js';
import { isIn, loadSets } from '../support/unicode-sets.js';

const WORD_SETS = [
  '12.1.0/Word_Break/ALetter',
  '12.1.0/Word_Break/Hebrew_Letter',
  '12.1.0/Word_Break/Numeric',
  '12.1.0/Word_Break/Katakana',
  '12.1.0/Script/Hiragana',
  '12.1.0/Script/Han',
  '12.1.0/Line_Break/Complex_Context',
  '12.1.0/Binary_Property/Extended_Pictographic',
];
const REGIONAL = '12.1.0/Word_Break/Regional_Indicator';
await loadSets([...WORD_SETS, REGIONAL]);

const encoder = new TextEncoder();

interface Case {
  readonly line: string;
  readonly stretches: readonly (readonly number[])[];
}

const cases: Case[] = readFileSync(new URL('../../../test/data/unicode/WordBreakTest.txt', import.meta.url), 'utf8')
  .split('\n')
  .map((line) => line.split('#')[0]!.trim())
  .filter((line) => line !== '')
  .map((line) => ({
    line,
    stretches: line
      .split('÷')
      .map((stretch) => stretch.split('×').map((hex) => Number.parseInt(hex, 16)))
      .filter((stretch) => !Number.isNaN(stretch[0])),
  }));

function isWord(stretch: readonly number[]): boolean {
  const flags = stretch.filter((c) => isIn(REGIONAL, c)).length;
  return flags > 1 || stretch.some((c) => WORD_SETS.some((name) => isIn(name, c)));
}

const utf8 = (codePoints: readonly number[]) => encoder.encode(String.fromCodePoint(...codePoints));

/** Begin and end, by turns, of the tokens that a case asks for. */
function expectedBreaks({ stretches }: Case): number[] {
  const breaks: number[] = [];
  let at = 0;
  for (const stretch of stretches) {
    const end = at + utf8(stretch).length;
    if (isWord(stretch)) breaks.push(at, end);
    at = end;
  }
  return breaks;
}

/**
 * Cases that Lucene's grammar decides otherwise, with the tokens it draws. WB3c keeps a joiner and the pictograph behind it
 * together whatever stands before; Lucene does so only inside an emoji sequence, and gives this joiner to the letter (WB4).
 */
const LUCENE_OTHERWISE = new Map([
  ['÷ 0061 × 200D × 1F6D1 ÷', ['a\u200d', '\u{1f6d1}']],
  ['÷ 0061 × 200D × 2701 ÷', ['a\u200d', '\u2701']],
]);

it('draws tokens where the official cases draw words', () => {
  assert.equal(cases.length, 1_823);
  let agreed = 0;
  for (const test of cases) {
    if (LUCENE_OTHERWISE.has(test.line)) continue;
    assert.deepEqual([...breaksOf(utf8(test.stretches.flat()))], expectedBreaks(test), test.line);
    agreed++;
  }
  assert.equal(agreed, cases.length - LUCENE_OTHERWISE.size);
});

it('draws them as Lucene does where that differs', () => {
  for (const [line, tokens] of LUCENE_OTHERWISE) {
    const test = cases.find((candidate) => candidate.line === line);
    assert.ok(test, line);
    const text = String.fromCodePoint(...test.stretches.flat());
    assert.deepEqual(tokensOf('standard', text), tokens);
    assert.deepEqual(referenceTokens.standard(text), tokens);
  }
});
