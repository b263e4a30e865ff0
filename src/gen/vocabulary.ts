/** The words of a language that does not exist: frequent ones short, all of them distinct. */
import { assert } from '../base/errors.js';
import { createRandom } from './random.js';
import { countSpellings, letterChoices, SPELLINGS, spellWord, type WordKind } from './spelling.js';

export type Scripts = 'ascii' | 'mixed' | 'cjk';

export interface VocabularyOptions {
  readonly words: number;
  readonly scripts: Scripts;
  readonly seed: number;
}

/** Words by rank, most frequent first. */
export interface Vocabulary {
  readonly words: number;
  /** UTF-8 of all words, one after the other. */
  readonly data: Uint8Array;
  /** words + 1 byte offsets. */
  readonly offsets: Uint32Array;
  /** Tokens of the `standard` analyzer by word: 1 but for ideographs. */
  readonly tokens: Uint8Array;
}

/** Share of each kind among a vocabulary's words. */
const MIXES: Readonly<Record<Scripts, Readonly<Partial<Record<WordKind, number>>>>> = {
  ascii: { latin: 0.96, number: 0.03, contraction: 0.01 },
  mixed: {
    latin: 0.79,
    number: 0.03,
    contraction: 0.01,
    accented: 0.06,
    cyrillic: 0.05,
    greek: 0.02,
    han: 0.03,
    emoji: 0.01,
  },
  cjk: { han: 0.6, katakana: 0.2, latin: 0.17, number: 0.03 },
};

/**
 * Letters of a word by its rank r: LENGTH_START + LENGTH_SLOPE * log2(r + 2), give or take LENGTH_SPREAD / 2: 3 for the most frequent,
 * 9 to 10 for rare ones. The start is set so that texts of the default distribution take 6.76 bytes a token, gaps included.
 */
const LENGTH_START = 2.82;
const LENGTH_SLOPE = 0.38;
const LENGTH_SPREAD = 4;
/** Its multiples fill the spread evenly, whatever the seed: the hundred most frequent words decide how long a text is. */
const GOLDEN_RATIO = 0.6180339887498949;

/** The most frequent words are plain ones in every language: of the mix's first kind. */
const PLAIN_RANKS = 200;

export function makeVocabulary({ words, scripts, seed }: VocabularyOptions): Vocabulary {
  const random = createRandom(seed, 1);
  const pickKind = kindPicker(scripts);
  const speller = createSpeller(seed);
  const offsets = new Uint32Array(words + 1);
  const tokens = new Uint8Array(words);
  let data = new Uint8Array(words * 8);
  for (let rank = 0; rank < words; rank++) {
    const kind = pickKind(rank < PLAIN_RANKS ? 0 : random.next());
    const letters =
      LENGTH_START + LENGTH_SLOPE * Math.log2(rank + 2) + (((rank * GOLDEN_RATIO) % 1) - 0.5) * LENGTH_SPREAD;
    const word = speller(kind, Math.round(letters));
    const end = offsets[rank]! + word.bytes.length;
    if (end > data.length) data = grown(data, end);
    data.set(word.bytes, offsets[rank]!);
    offsets[rank + 1] = end;
    tokens[rank] = word.tokens;
  }
  return { words, data: data.subarray(0, offsets[words]!), offsets, tokens };
}

/** Distinct tokens among the words that are marked, each ideograph for itself. */
export function countTerms({ words, data, offsets, tokens }: Vocabulary, isUsed: Uint8Array): number {
  const text = new TextDecoder();
  const ideographs = new Set<string>();
  let count = 0;
  for (let rank = 0; rank < words; rank++) {
    if (isUsed[rank] === 0) continue;
    const bytes = data.subarray(offsets[rank]!, offsets[rank + 1]!);
    // A single ideograph is a term that longer words hold as well.
    if (tokens[rank] === 1 && !isIdeograph(bytes)) count++;
    else for (const letter of text.decode(bytes)) ideographs.add(letter);
  }
  return count + ideographs.size;
}

/** The ideographs in use are those of U+4E00 to U+9FA5: lead bytes E4 to E9. */
function isIdeograph(bytes: Uint8Array): boolean {
  return bytes.length === 3 && bytes[0]! >= 0xe4 && bytes[0]! <= 0xe9;
}

function kindPicker(scripts: Scripts): (at: number) => WordKind {
  const shares = Object.entries(MIXES[scripts]) as [WordKind, number][];
  return (at) => {
    let rest = at;
    for (const [kind, share] of shares) {
      if (rest < share) return kind;
      rest -= share;
    }
    // The shares add up to 1 but for rounding.
    return shares[0]![0];
  };
}

/** Spells the next word of a kind and a length, or a longer one when all of that length are taken. */
function createSpeller(seed: number) {
  const salt = createRandom(seed, 2).next();
  const taken = new Map<WordKind, number[]>();
  return (wanted: WordKind, wantedLetters: number): { readonly bytes: Uint8Array; readonly tokens: number } => {
    for (const kind of [wanted, 'latin'] as const) {
      const spelling = SPELLINGS[kind];
      const serials = taken.get(kind) ?? [];
      taken.set(kind, serials);
      let letters = Math.min(Math.max(wantedLetters, spelling.minLetters), spelling.maxLetters);
      for (; letters <= spelling.maxLetters; letters++) {
        const serial = serials[letters] ?? 0;
        if (serial >= countSpellings(spelling, letters)) continue;
        serials[letters] = serial + 1;
        const bytes = spellWord(spelling, letterChoices(spelling, letters, serial, salt));
        return { bytes, tokens: spelling.tokenPerLetter ? letters : 1 };
      }
    }
    assert(false, 'latin words of 20 letters outnumber every vocabulary');
  };
}

function grown(bytes: Uint8Array<ArrayBuffer>, least: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(bytes.length * 2, least));
  larger.set(bytes);
  return larger;
}
