// Lucene's StandardTokenizer as one regular expression: what a token is, longest match, no look-behind.
// Word boundaries are UAX #29 of Unicode 12.1, emoji the sequences of UTS #51. Where a match may begin there is no
// memory of what came before, so any place between two matches is a place to restart from.
import { many, maybe, or, seq, set, some } from './automaton.mjs';
import { CODE_POINT_END, readMembers } from './code-points.mjs';

const VERSION = '12.1.0';

/** WB4: whatever follows a code point of these belongs to it. The two presentation selectors matter to emoji, so they stand apart. */
const EXTENDER = or(set('Extender'), set('TextPresentation'), set('EmojiPresentation'));
const extended = (name) => seq(set(name), many(EXTENDER));
const extendedButSelectors = (name) => seq(set(name), many(set('Extender')));

const EMOJI_ELEMENT = or(
  seq(many(set('Zwj')), extendedButSelectors('Emoji'), maybe(set('EmojiPresentation'))),
  seq(maybe(seq(many(set('Zwj')), extendedButSelectors('EmojiModifierBase'))), extendedButSelectors('EmojiModifier')),
);
const EMOJI = or(
  seq(EMOJI_ELEMENT, or(many(seq(set('Zwj'), EMOJI_ELEMENT)), seq(some(set('Tag')), set('TagEnd')))),
  seq(extendedButSelectors('KeycapBase'), maybe(set('EmojiPresentation')), extendedButSelectors('Keycap')),
  seq(extended('RegionalIndicator'), extended('RegionalIndicator')),
);

const UNDERSCORES = many(extended('ExtendNumLet'));
/** `part` again and again, with underscores or one `middle` allowed between two of them (WB6-7, WB11-12, WB13a-b). */
const chain = (part, middle) => seq(part, many(seq(or(UNDERSCORES, middle), part)));

const KATAKANA = chain(extended('Katakana'), seq());
const LETTERS = chain(extended('Letter'), extended('MidLetter'));
const NUMBERS = chain(extended('Numeric'), extended('MidNumeric'));
/** WB7a-c: a Hebrew letter keeps the quote behind it; a double quote only between two Hebrew letters. */
const HEBREW = seq(
  extended('HebrewLetter'),
  or(extended('SingleQuote'), seq(extended('DoubleQuote'), extended('HebrewLetter'))),
);
const RUN = or(KATAKANA, some(or(HEBREW, NUMBERS, LETTERS)));
const WORD = seq(UNDERSCORES, RUN, many(seq(some(extended('ExtendNumLet')), RUN)), UNDERSCORES);

/** A token of the standard analyzer. */
export const TOKEN = or(EMOJI, WORD, some(extended('SouthEastAsian')), extended('Han'), extended('Hiragana'));

/** The sets the grammar speaks of, each a membership array over all code points. */
export async function readGrammarSets() {
  const read = (property) => readMembers(VERSION, property);
  const word = (value) => read(`Word_Break/${value}`);
  const union = (...sets) => sets[0].map((_, cp) => (sets.some((s) => s[cp] === 1) ? 1 : 0));
  const minus = (a, b) => a.map((member, cp) => (b[cp] === 1 ? 0 : member));
  const only = (...codePoints) => codePoints.reduce((s, cp) => s.fill(1, cp, cp + 1), new Uint8Array(CODE_POINT_END));

  const textPresentation = only(0xfe0e);
  const emojiPresentation = only(0xfe0f);
  const keycapBase = only(0x23, 0x2a).fill(1, 0x30, 0x3a);
  const zwj = await word('ZWJ');
  const hebrew = await word('Hebrew_Letter');
  const regional = await word('Regional_Indicator');
  const modifier = await read('Binary_Property/Emoji_Modifier');
  const midNumLet = await word('MidNumLet');
  const singleQuote = await word('Single_Quote');
  const emojiByAccident = only(0xa9, 0xae, 0x2122, 0x3030, 0x303d);
  return {
    Extender: minus(union(await word('Format'), await word('Extend'), zwj), union(textPresentation, emojiPresentation)),
    TextPresentation: textPresentation,
    EmojiPresentation: emojiPresentation,
    Zwj: zwj,
    Emoji: union(
      await read('Binary_Property/Extended_Pictographic'),
      minus(await read('Binary_Property/Emoji'), union(regional, keycapBase, emojiByAccident, modifier)),
    ),
    EmojiModifier: modifier,
    EmojiModifierBase: await read('Binary_Property/Emoji_Modifier_Base'),
    KeycapBase: keycapBase,
    Keycap: only(0x20e3),
    Tag: only().fill(1, 0xe0020, 0xe007f),
    TagEnd: only(0xe007f),
    RegionalIndicator: regional,
    Letter: union(await word('ALetter'), hebrew),
    HebrewLetter: hebrew,
    Numeric: await word('Numeric'),
    Katakana: await word('Katakana'),
    MidLetter: union(await word('MidLetter'), midNumLet, singleQuote),
    MidNumeric: union(await word('MidNum'), midNumLet, singleQuote),
    SingleQuote: singleQuote,
    DoubleQuote: await word('Double_Quote'),
    ExtendNumLet: await word('ExtendNumLet'),
    SouthEastAsian: await read('Line_Break/Complex_Context'),
    Han: await read('Script/Han'),
    Hiragana: await read('Script/Hiragana'),
  };
}
