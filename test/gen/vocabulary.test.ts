/** The words of generated texts, and how often each is drawn. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '#src/gen/random.js';
import { countTerms, makeVocabulary, type Vocabulary } from '#src/gen/vocabulary.js';
import { zipfSampler } from '#src/gen/zipf.js';

const WORDS = 60_000;

function wordsOf({ words, data, offsets }: Vocabulary): string[] {
  const text = new TextDecoder('utf-8', { fatal: true });
  return Array.from({ length: words }, (_, rank) => text.decode(data.subarray(offsets[rank], offsets[rank + 1])));
}

for (const scripts of ['ascii', 'mixed', 'cjk'] as const) {
  test(`${scripts}: every word is another one, frequent ones are short`, () => {
    const vocabulary = makeVocabulary({ words: WORDS, scripts, seed: 3 });
    const words = wordsOf(vocabulary);
    assert.equal(new Set(words).size, WORDS);
    const mean = (some: readonly string[]) => some.reduce((sum, word) => sum + [...word].length, 0) / some.length;
    assert(mean(words.slice(0, 200)) < mean(words.slice(-20_000)));
    const isUsed = new Uint8Array(WORDS).fill(1);
    // Ideographs are shared between words, so that there are fewer terms than words; elsewhere each word is one.
    const ideographs = words.filter((word) => /\p{Ideographic}/u.test(word));
    const terms = WORDS - ideographs.length + new Set(ideographs.join('')).size;
    assert.equal(countTerms(vocabulary, isUsed), terms);
    assert.equal(ideographs.length > 0, scripts !== 'ascii');
  });
}

test('the sampler draws every rank as often as its weight says', () => {
  const ranks = 50;
  const [exponent, shift] = [1.1, 2];
  const sampler = zipfSampler({ ranks, exponent, shift });
  const weights = Array.from({ length: ranks }, (_, rank) => 1 / (rank + 1 + shift) ** exponent);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const random = createRandom(5);
  const draws = 400_000;
  const counts = new Array<number>(ranks).fill(0);
  for (let i = 0; i < draws; i++) counts[sampler.at(random.next(), random.next())]!++;
  counts.forEach((count, rank) => {
    const expected = (draws * weights[rank]!) / sum;
    assert(Math.abs(count - expected) < 5 * Math.sqrt(expected), `rank ${rank}: ${count} draws of ${expected}`);
  });
});

test('streams of one seed are apart', () => {
  const draw = (seed: number, stream: number) => {
    const random = createRandom(seed, stream);
    return Array.from({ length: 4 }, () => random.below(2 ** 31)).join();
  };
  const seen = [0, 1, 2, 2 ** 40].flatMap((seed) => [0, 1, 2, 1_000].map((stream) => draw(seed, stream)));
  assert.equal(new Set(seen).size, 16);
  assert.equal(draw(1, 2), draw(1, 2));
});
