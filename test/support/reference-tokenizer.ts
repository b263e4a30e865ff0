/**
 * The analyzers written down as plainly as possible, rule by rule over code points, for the kernel to be held against.
 *
 * A rule takes the places where it may begin and gives all places where it may end, so a token is simply the furthest end:
 * no automaton, no classes, no bytes. Rules follow Lucene's StandardTokenizer: UAX #29 (numbered WB) of Unicode 12.1 and
 * the emoji sequences of UTS #51.
 */

import lowerCase from '@unicode/unicode-15.0.0/Simple_Case_Mapping/Lowercase/code-points.mjs';
import { isIn, loadSets } from './unicode-sets.js';

type CodePoints = readonly number[];
type Places = ReadonlySet<number>;
type Rule = (text: CodePoints, from: Places) => Places;

/** A token is matched within this many UTF-16 units from where it begins. */
const WINDOW_UNITS = 255;

const one =
  (belongs: (codePoint: number) => boolean): Rule =>
  (text, from) =>
    new Set([...from].filter((at) => at < text.length && belongs(text[at]!)).map((at) => at + 1));

const sequence =
  (...rules: Rule[]): Rule =>
  (text, from) =>
    rules.reduce((places, rule) => rule(text, places), from);

const either =
  (...rules: Rule[]): Rule =>
  (text, from) =>
    new Set(rules.flatMap((rule) => [...rule(text, from)]));

const optional =
  (rule: Rule): Rule =>
  (text, from) =>
    new Set([...from, ...rule(text, from)]);

/** Once or more. */
const repeated =
  (rule: Rule): Rule =>
  (text, from) => {
    const ends = new Set<number>();
    for (let places = from; places.size > 0; ) {
      places = new Set([...rule(text, places)].filter((at) => !ends.has(at)));
      for (const at of places) ends.add(at);
    }
    return ends;
  };

const anyNumber = (rule: Rule): Rule => optional(repeated(rule));

const names: string[] = [];
function property(name: string): (codePoint: number) => boolean {
  names.push(name);
  return (codePoint) => isIn(name, codePoint);
}
const wordBreak = (value: string) => property(`12.1.0/Word_Break/${value}`);
const binary = (value: string) => property(`12.1.0/Binary_Property/${value}`);
const codePoint = (wanted: number) => (found: number) => found === wanted;

const isZwj = wordBreak('ZWJ');
const isExtend = wordBreak('Extend');
const isFormat = wordBreak('Format');
const isRegional = wordBreak('Regional_Indicator');
const isALetter = wordBreak('ALetter');
const isHebrew = wordBreak('Hebrew_Letter');
const isNumeric = wordBreak('Numeric');
const isKatakana = wordBreak('Katakana');
const isMidLetter = wordBreak('MidLetter');
const isMidNum = wordBreak('MidNum');
const isMidNumLet = wordBreak('MidNumLet');
const isSingleQuote = wordBreak('Single_Quote');
const isDoubleQuote = wordBreak('Double_Quote');
const isExtendNumLet = wordBreak('ExtendNumLet');
const isPictographic = binary('Extended_Pictographic');
const isEmoji = binary('Emoji');
const isModifier = binary('Emoji_Modifier');
const isModifierBase = binary('Emoji_Modifier_Base');
const isSouthEastAsian = property('12.1.0/Line_Break/Complex_Context');
const isHan = property('12.1.0/Script/Han');
const isHiragana = property('12.1.0/Script/Hiragana');
const isLetter = property('15.0.0/General_Category/Letter');
const isNumber = property('15.0.0/General_Category/Number');

const isExtender = (c: number) => isExtend(c) || isFormat(c) || isZwj(c);
const isSelector = (c: number) => c === 0xfe0e || c === 0xfe0f;
const isKeycapBase = (c: number) => (c >= 0x30 && c <= 0x39) || c === 0x23 || c === 0x2a;
const isEmojiByAccident = (c: number) => [0xa9, 0xae, 0x2122, 0x3030, 0x303d].includes(c);
const isEmojiOfItsOwn = (c: number) =>
  isEmoji(c) && !(isRegional(c) || isKeycapBase(c) || isEmojiByAccident(c) || isModifier(c));

/** WB4: extenders belong to what stands before them. */
const withExtenders = (belongs: (c: number) => boolean) => sequence(one(belongs), anyNumber(one(isExtender)));
/** The same inside emoji, where the presentation selectors have a meaning of their own. */
const inEmoji = (belongs: (c: number) => boolean) =>
  sequence(one(belongs), anyNumber(one((c) => isExtender(c) && !isSelector(c))));

const zwj = one(isZwj);
const emojiSelector = one(codePoint(0xfe0f));
const emojiElement = either(
  sequence(
    anyNumber(zwj),
    inEmoji((c) => isPictographic(c) || isEmojiOfItsOwn(c)),
    optional(emojiSelector),
  ),
  sequence(optional(sequence(anyNumber(zwj), inEmoji(isModifierBase))), inEmoji(isModifier)),
);
const emojiZwjSequence = sequence(emojiElement, anyNumber(sequence(zwj, emojiElement)));
const emojiTagSequence = sequence(
  emojiElement,
  repeated(one((c) => c >= 0xe0020 && c <= 0xe007e)),
  one(codePoint(0xe007f)),
);
const keycapSequence = sequence(inEmoji(isKeycapBase), optional(emojiSelector), inEmoji(codePoint(0x20e3)));
/** WB15, WB16: flags are pairs. */
const flag = sequence(withExtenders(isRegional), withExtenders(isRegional));

const letter = withExtenders((c) => isALetter(c) || isHebrew(c));
const hebrew = withExtenders(isHebrew);
const numeric = withExtenders(isNumeric);
const katakana = withExtenders(isKatakana);
const underscores = repeated(withExtenders(isExtendNumLet));
const midLetter = withExtenders((c) => isMidLetter(c) || isMidNumLet(c) || isSingleQuote(c));
const midNumber = withExtenders((c) => isMidNum(c) || isMidNumLet(c) || isSingleQuote(c));

/** WB5 to WB7: letters, one mark between two of them. WB13a, WB13b: underscores too. */
const letters = sequence(letter, anyNumber(sequence(optional(either(underscores, midLetter)), letter)));
/** WB8, WB11, WB12: digits alike. */
const numbers = sequence(numeric, anyNumber(sequence(optional(either(underscores, midNumber)), numeric)));
/** WB13: katakana keep together, and with nothing else but underscores. */
const katakanas = sequence(katakana, anyNumber(sequence(optional(underscores), katakana)));
/** WB7a to WB7c, as Lucene has them: one quote behind a letter, or one pair of letters around a double quote. */
const hebrewQuote = sequence(
  hebrew,
  either(withExtenders(isSingleQuote), sequence(withExtenders(isDoubleQuote), hebrew)),
);
/** WB9, WB10: letters and digits in any order. */
const run = either(katakanas, repeated(either(hebrewQuote, numbers, letters)));
const word = sequence(optional(underscores), run, anyNumber(sequence(underscores, run)), optional(underscores));

const token = either(
  emojiZwjSequence,
  emojiTagSequence,
  keycapSequence,
  flag,
  word,
  repeated(withExtenders(isSouthEastAsian)),
  withExtenders(isHan),
  withExtenders(isHiragana),
);

await loadSets(names);

function windowFrom(text: CodePoints, begin: number): CodePoints {
  let end = begin;
  for (let units = 0; end < text.length; end++) {
    units += text[end]! > 0xffff ? 2 : 1;
    if (units > WINDOW_UNITS) break;
  }
  return text.slice(begin, end);
}

const toText = (codePoints: CodePoints) => codePoints.map((c) => String.fromCodePoint(c)).join('');
const toCodePoints = (text: string) => Array.from(text, (c) => c.codePointAt(0)!);
const toLower = (codePoints: CodePoints) => codePoints.map((c) => lowerCase.get(c) ?? c);

/** Where the standard tokens of a text stand, in code points, half-open. */
export function referenceSpans(text: string): [begin: number, end: number][] {
  const codePoints = toCodePoints(text);
  const spans: [number, number][] = [];
  for (let at = 0; at < codePoints.length; ) {
    const length = Math.max(0, ...token(windowFrom(codePoints, at), new Set([0])));
    if (length > 0) spans.push([at, at + length]);
    at += Math.max(1, length);
  }
  return spans;
}

/** Java's white space: the no-break spaces are none. */
const isWhitespace = (c: number) =>
  (c >= 0x09 && c <= 0x0d) ||
  (c >= 0x1c && c <= 0x20) ||
  c === 0x1680 ||
  (c >= 0x2000 && c <= 0x200a && c !== 0x2007) ||
  [0x2028, 0x2029, 0x205f, 0x3000].includes(c);

/** Maximal runs of code points that belong. */
function runs(text: string, belongs: (c: number) => boolean): number[][] {
  const found: number[][] = [];
  let inside = false;
  for (const c of toCodePoints(text)) {
    if (!belongs(c)) inside = false;
    else if (inside) found.at(-1)!.push(c);
    else {
      found.push([c]);
      inside = true;
    }
  }
  return found;
}

/** The tokens of a text by each analyzer. */
export const referenceTokens = {
  standard: (text: string): string[] => {
    const codePoints = toCodePoints(text);
    return referenceSpans(text).map(([begin, end]) => toText(toLower(codePoints.slice(begin, end))));
  },
  simple: (text: string): string[] => runs(text, (c) => isLetter(c) || isNumber(c)).map((r) => toText(toLower(r))),
  whitespace: (text: string): string[] => runs(text, (c) => !isWhitespace(c)).map(toText),
  keyword: (text: string): string[] => [text],
} as const;
