// The kernel against what Lucene 10.6 and Java 21 said, as test/golden/lucene/make.sh wrote it down.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { referenceTokens } from '../support/reference-tokenizer.js';
import { breaksOf, tokensOf } from '../support/tokenizer.js';

const CODE_POINT_END = 0x110000;
const SURROGATES = { begin: 0xd800, end: 0xe000 };

function goldenLines(name: string): string[] {
  const path = new URL(`../../../test/golden/lucene/${name}`, import.meta.url);
  return gunzipSync(readFileSync(path)).toString('utf8').trimEnd().split('\n');
}

const pairs = goldenLines('tokens.jsonl.gz').map((line) => JSON.parse(line) as [text: string, tokens: string[]]);
const [templateLine = '', ...codePointLines] = goldenLines('code-points.txt.gz');

/** Lines `begin: spans`, each true up to the next one's begin. */
const spanLines = codePointLines
  .filter((line) => line.includes(':'))
  .map((line) => {
    const [begin = '', spans = ''] = line.split(':');
    return { begin: Number.parseInt(begin, 16), ends: spans.trim().split(/[- ]/).map(Number) };
  });

/** Lines `name x y`, as pairs of numbers. */
function facts(name: string): [number, number][] {
  return codePointLines
    .filter((line) => line.startsWith(`${name} `))
    .map(
      (line) =>
        line
          .split(' ')
          .slice(1)
          .map((hex) => Number.parseInt(hex, 16)) as [number, number],
    );
}

const encoder = new TextEncoder();
const codePoints = Array.from({ length: CODE_POINT_END }, (_, i) => i).filter(
  (c) => c < SURROGATES.begin || c >= SURROGATES.end,
);

/** The template with a code point in its holes: the bytes, where the holes begin, where each code point begins. */
function fillTemplate(codePoint: number): { bytes: Uint8Array; holes: number[]; starts: number[] } {
  const template = Array.from(Buffer.from(templateLine, 'base64').toString('utf8'));
  const filled = template.map((c) => encoder.encode(c === '\uffff' ? String.fromCodePoint(codePoint) : c));
  const starts = [0];
  for (const piece of filled) starts.push(starts.at(-1)! + piece.length);
  const holes = starts.filter((_, i) => template[i] === '\uffff');
  return { bytes: Buffer.concat(filled), holes, starts };
}

describe('standard tokens as Lucene makes them', () => {
  it('of thousands of real and nasty texts, by the kernel', () => {
    assert.ok(pairs.length > 4_000);
    for (const [text, tokens] of pairs) assert.deepEqual(tokensOf('standard', text), tokens, JSON.stringify(text));
  });

  it('of the same texts, by the plain reference', () => {
    for (const [text, tokens] of pairs) assert.deepEqual(referenceTokens.standard(text), tokens, JSON.stringify(text));
  });

  it('with every single code point in every surrounding that tells classes apart', () => {
    const fillings = [0x41, 0x80, 0x800, 0x10000].map(fillTemplate);
    let line = 0;
    for (const codePoint of codePoints) {
      while ((spanLines[line + 1]?.begin ?? CODE_POINT_END) <= codePoint) line++;
      const character = encoder.encode(String.fromCodePoint(codePoint));
      const { bytes, holes, starts } = fillings[character.length - 1]!;
      for (const hole of holes) bytes.set(character, hole);
      const found = breaksOf(bytes);
      const expected = spanLines[line]!.ends;
      const same = found.length === expected.length && expected.every((end, i) => starts[end] === found[i]);
      if (!same) assert.fail(`U+${codePoint.toString(16)}: ${found}, not ${expected.map((end) => starts[end])}`);
    }
  });
});

describe('what Java says of code points', () => {
  const apart = codePoints.map((c) => String.fromCodePoint(c)).join(' ');
  const lower = new Map(facts('lower'));
  const lowered = (c: number) => String.fromCodePoint(lower.get(c) ?? c);
  const membersOf = (name: string) => {
    const members = new Set<number>();
    for (const [begin, end] of facts(name)) for (let c = begin; c < end; c++) members.add(c);
    return members;
  };

  it('is what a letter or digit is, and how it is lower-cased', () => {
    const belongs = membersOf('letterOrDigit');
    assert.deepEqual(tokensOf('simple', apart), codePoints.filter((c) => belongs.has(c)).map(lowered));
  });

  it('is how the circled letters are lower-cased, which are no letters but words', () => {
    const belongs = membersOf('letterOrDigit');
    const others = [...lower.keys()].filter((c) => !belongs.has(c));
    assert.ok(others.includes(0x24b6));
    assert.deepEqual(tokensOf('standard', others.map((c) => String.fromCodePoint(c)).join(' ')), others.map(lowered));
  });

  it('is what white space is', () => {
    const belongs = membersOf('whitespace');
    const others = codePoints.filter((c) => !belongs.has(c)).map((c) => String.fromCodePoint(c));
    assert.deepEqual(tokensOf('whitespace', apart), others);
  });
});
