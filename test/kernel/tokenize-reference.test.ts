// Every analyzer of the kernel against the plain reference, on random texts over alphabets that are made to go wrong.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { ANALYZERS, type AnalyzerName } from '#src/kernel/analyzers.js';
import { referenceTokens } from '../support/reference-tokenizer.js';
import { call, tokensOf } from '../support/tokenizer.js';

const SEED = 20_260_504;

const WORDS = [
  'a',
  'Z',
  '7',
  '_',
  '.',
  "'",
  ':',
  ',',
  ';',
  '"',
  '-',
  '#',
  '*',
  ' ',
  '\t',
  '\n',
  '\0',
  '\x1c',
  'word',
  'Node.JS',
];
const LETTERS = [
  '\u00e9',
  '\u0130',
  '\u03a3',
  '\u212a',
  '\u023a',
  '\u05d0',
  '\u0e01',
  '\u0e31',
  '\uac00',
  '\u30a2',
  '\u3042',
  '\u65e5',
  '\u{20000}',
  '\u{10400}',
  '\u1c90',
  '\u{1e900}',
  '\u3005',
  '\u2139',
  '\u24c2',
  '\u0660',
  '\u{1d7d8}',
  '\u00bd',
];
const MARKS = [
  '\u0301',
  '\u00ad',
  '\u200d',
  '\ufe0e',
  '\ufe0f',
  '\u20e3',
  '\u{1f3fb}',
  '\u{e0067}',
  '\u{e007f}',
  '\u2019',
  '\u00b7',
  '\u066c',
  '\u203f',
  '\ufeff',
  '\u200b',
  '\u00a0',
  '\u2007',
  '\u3000',
  '\u2028',
  '\u0085',
];
const EMOJI = ['\u2764', '\u{1f680}', '\u261d', '\u{1f469}', '\u{1f1e6}', '\u00a9', '\u{1f3f4}', '1\ufe0f\u20e3'];

const ascii = fc.constantFrom(...WORDS);
const anything = fc.oneof(
  { weight: 4, arbitrary: ascii },
  { weight: 3, arbitrary: fc.constantFrom(...LETTERS) },
  { weight: 3, arbitrary: fc.constantFrom(...MARKS) },
  { weight: 2, arbitrary: fc.constantFrom(...EMOJI) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
);
const joined = (unit: fc.Arbitrary<string>, maxLength: number) =>
  fc.array(unit, { maxLength, size: 'max' }).map((parts) => parts.join(''));

/** Plain text that leaves ASCII now and then, so that the scanners hand over to each other in every phase of a block. */
const mostlyAscii = joined(fc.oneof({ weight: 30, arbitrary: ascii }, { weight: 1, arbitrary: anything }), 250);
/** Long tokens, with something at the cut. */
const longRuns = fc
  .array(fc.record({ part: anything, count: fc.constantFrom(1, 2, 63, 64, 127, 128, 254, 255, 256) }), { maxLength: 4 })
  .map((runs) => runs.map(({ part, count }) => part.repeat(count)).join(''));

function sameTokens(texts: fc.Arbitrary<string>, numRuns: number): void {
  fc.assert(
    fc.property(texts, (text) => {
      for (const analyzer of Object.keys(ANALYZERS) as AnalyzerName[]) {
        assert.deepEqual(tokensOf(analyzer, text), referenceTokens[analyzer](text), analyzer);
      }
    }),
    { seed: SEED, numRuns },
  );
}

it('agrees on short texts of anything', () => sameTokens(joined(anything, 12), 6_000));
it('agrees on ASCII', () => sameTokens(joined(ascii, 220), 1_000));
it('agrees on ASCII with a little of anything', () => sameTokens(mostlyAscii, 1_000));
it('agrees on tokens that are too long', () => sameTokens(longRuns, 400));

it('agrees on every two ASCII characters between words', () => {
  const characters = Array.from({ length: 128 }, (_, i) => String.fromCharCode(i));
  for (const first of characters) {
    const text = characters.map((second) => `a${first}${second}b 1${first}${second}2`).join(' ');
    for (const analyzer of ['standard', 'simple', 'whitespace'] as const) {
      assert.deepEqual(tokensOf(analyzer, text), referenceTokens[analyzer](text), JSON.stringify(first));
    }
  }
});

it('names the analyzers by the numbers that the kernel has for them', () => {
  const exported = call as unknown as Record<string, { value: number }>;
  for (const [name, number] of Object.entries(ANALYZERS)) {
    assert.equal(exported[`ANALYZER_${name.toUpperCase()}`]?.value, number);
  }
});
