/** Made-up words of several scripts: distinct by construction, so that none has to be remembered. */

/** A way to spell words: letters by position, and how many of them a word may have. */
export interface Spelling {
  /** UTF-8 letters that may stand at even and at odd positions. */
  readonly letters: readonly [readonly Uint8Array[], readonly Uint8Array[]];
  readonly minLetters: number;
  readonly maxLetters: number;
  /** Stands between the second and the third letter. */
  readonly infix: Uint8Array | undefined;
  /** Whether every letter is a token of its own, as ideographs are. */
  readonly tokenPerLetter: boolean;
}

/** Kinds of words that a vocabulary mixes. */
export type WordKind =
  | 'latin'
  | 'contraction'
  | 'number'
  | 'accented'
  | 'cyrillic'
  | 'greek'
  | 'katakana'
  | 'han'
  | 'emoji';

const utf8 = (text: string): Uint8Array[] => [...text].map((letter) => new TextEncoder().encode(letter));
const range = (first: number, count: number): Uint8Array[] =>
  utf8(String.fromCodePoint(...Array.from({ length: count }, (_, i) => first + i)));

const LATIN_ONSETS = utf8('bcdfghjklmnpqrstvwxyz');
const LATIN_VOWELS = utf8('aeiou');
const DIGITS = utf8('0123456789');
const KATAKANA = range(0x30a2, 80);
const HAN = range(0x4e00, 20_902);
const FACES = range(0x1f600, 80);

function spelling(
  even: readonly Uint8Array[],
  odd: readonly Uint8Array[],
  minLetters: number,
  maxLetters: number,
  rest: Partial<Pick<Spelling, 'infix' | 'tokenPerLetter'>> = {},
): Spelling {
  return { letters: [even, odd], minLetters, maxLetters, infix: undefined, tokenPerLetter: false, ...rest };
}

/** Every word of every kind is one token of the `standard` analyzer, but for `han`: there each letter is one. */
export const SPELLINGS: Readonly<Record<WordKind, Spelling>> = {
  latin: spelling(LATIN_ONSETS, LATIN_VOWELS, 1, 20),
  contraction: spelling(LATIN_ONSETS, LATIN_VOWELS, 4, 12, { infix: utf8("'")[0] }),
  number: spelling(DIGITS, DIGITS, 1, 9),
  accented: spelling([...LATIN_ONSETS, ...utf8('çñšžłß')], utf8('áâäåàéêèíóôöøúü'), 2, 16),
  cyrillic: spelling(utf8('бвгджзклмнпрстфхцчшщ'), utf8('аеиоуыэюя'), 2, 16),
  greek: spelling(utf8('βγδζθκλμνξπρτφχψ'), utf8('αεηιουω'), 2, 14),
  katakana: spelling(KATAKANA, KATAKANA, 2, 8),
  han: spelling(HAN, HAN, 1, 3, { tokenPerLetter: true }),
  emoji: spelling(FACES, FACES, 1, 1),
};

/** Letters whose choice tells words of one length apart; those behind them only vary the looks. */
const CORE_LIMIT = 2 ** 31;
/** Prime to every alphabet's size up to 20,902's factors, so that counting words in these steps meets each spelling once. */
const STEP = 1_299_709;

/** How many words of a length there are. */
export function countSpellings(kind: Spelling, letters: number): number {
  return coreOf(kind, letters).words;
}

/** The leading letters that count, and how many words they make. */
function coreOf(
  { letters: [even, odd] }: Spelling,
  letters: number,
): { readonly length: number; readonly words: number } {
  let words = 1;
  let length = 0;
  for (; length < letters; length++) {
    const choices = (length % 2 === 0 ? even : odd).length;
    if (words * choices > CORE_LIMIT) break;
    words *= choices;
  }
  return { length, words };
}

/** Indexes of the letters of word `serial` (below `countSpellings`) among all words of its length; `salt` turns the order. */
export function letterChoices(kind: Spelling, letters: number, serial: number, salt: number): number[] {
  const core = coreOf(kind, letters);
  let rest = (serial * STEP + Math.floor(salt * core.words)) % core.words;
  let looks = rest;
  return Array.from({ length: letters }, (_, i) => {
    const choices = kind.letters[i % 2 === 0 ? 0 : 1].length;
    if (i >= core.length) {
      looks = (Math.imul(looks, 0x2c9277b5) + 0xac564b05) >>> 0;
      return Math.floor((looks / 2 ** 32) * choices);
    }
    const choice = rest % choices;
    rest = Math.floor(rest / choices);
    return choice;
  });
}

/** The word as bytes. */
export function spellWord(kind: Spelling, choices: readonly number[]): Uint8Array {
  const letters = choices.map((choice, i) => kind.letters[i % 2 === 0 ? 0 : 1][choice]!);
  if (kind.infix !== undefined) letters.splice(2, 0, kind.infix);
  return Buffer.concat(letters);
}
