// The nasty texts whose tokens we ask Lucene for: every pair and triple of word-break classes, long tokens, odd code points.
// Seeded, so that a new run asks for the same.

/** Code points that behave differently from each other somewhere, by the class they stand for. */
export const SAMPLES = {
  other: [' ', '-', '/', '(', '\u00a0', '\u200b', '\u2028', '\ufffc'],
  control: ['\0', '\u0001', '\t', '\u0085'],
  newline: ['\n', '\r', '\r\n'],
  doubleQuote: ['"'],
  keycapBase: ['#', '*'],
  singleQuote: ["'"],
  midNum: [',', ';', '\u066c'],
  midNumLet: ['.', '\u2018', '\u2019', '\u2024'],
  midLetter: [':', '\u00b7', '\u0387', '\u05f4'],
  asciiDigit: ['0', '7'],
  digit: ['\u0660', '\u0967', '\uff11', '\u{1d7d8}'],
  letter: [
    'a',
    'Z',
    '\u00e9',
    '\u0130',
    '\u03a3',
    '\u01c5',
    '\u1c90',
    '\u13a0',
    '\u{10400}',
    '\uff21',
    '\u24b6',
    '\u{1f130}',
  ],
  hangul: ['\uac00', '\u1100', '\u1161', '\u11a8', '\u3131'],
  hebrew: ['\u05d0', '\ufb1d'],
  underscore: ['_', '\u203f', '\u202f'],
  pictograph: ['\u2764', '\u{1f680}', '\u00a9', '\u3030', '\u2122', '\u{1f1fe}\u{1f1ea}'],
  emojiLetter: ['\u2139', '\u24c2'],
  modifierBase: ['\u261d', '\u{1f44d}', '\u{1f9d1}'],
  modifier: ['\u{1f3fb}', '\u{1f3ff}'],
  extend: ['\u0301', '\u0308', '\u0903', '\u{1d165}', '\u{e0100}'],
  format: ['\u00ad', '\u2060', '\ufeff', '\u200e', '\u{e0001}'],
  zwj: ['\u200d'],
  keycap: ['\u20e3'],
  textPresentation: ['\ufe0e'],
  emojiPresentation: ['\ufe0f'],
  regional: ['\u{1f1e6}', '\u{1f1ff}'],
  tag: ['\u{e0067}'],
  tagEnd: ['\u{e007f}'],
  thai: ['\u0e01', '\u0eaa', '\u1780', '\u1000'],
  thaiMark: ['\u0e31', '\u0eb1', '\u17b6', '\u102b'],
  han: ['\u65e5', '\u{20000}', '\u{2f800}', '\u2e80'],
  hanLetter: ['\u3005', '\u3007'],
  katakana: ['\u30a2', '\uff71', '\u30fc', '\u3031'],
  hiragana: ['\u3042', '\u{1b001}', '\u{1f200}'],
};

/** Where each code point is tried by itself: U+FFFF stands for it. The space between two tries keeps them apart. */
export const TEMPLATE = [
  'X',
  'aXb',
  '1X2',
  'aX1',
  '\u05d0X\u05d0',
  '\u05d0X',
  '\u30a2X\u30a4',
  'XX',
  '_X_',
  '_X',
  '\u65e5X',
  '\u3042X',
  '\u0e01X',
  '\u261dX',
  '\u2764XX',
  'X\u{1f3fb}',
  '1X',
  'X\u20e3',
  'X\ufe0f\u20e3',
  '\u200dX',
  'X\u200d\u2764',
  '\u{1f1e6}X',
  '\u{1f3f4}X\u{e007f}',
  '\u{1f3f4}\u{e0067}X',
  'a\u0301X',
]
  .join(' ')
  .replaceAll('X', '\uffff');

/** A small seeded generator (mulberry32): uniform in [0, below). */
export function randomOf(seed) {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * below);
  };
}

const CLASSES = Object.values(SAMPLES);
const ALL = CLASSES.flat();

/** Every triple of classes, one sample of each at random, a hundred to a text. A pair is a triple that begins or ends with a space. */
function triples(random) {
  const pick = (samples) => samples[random(samples.length)];
  const texts = [];
  const parts = [];
  for (const a of CLASSES) {
    for (const b of CLASSES) {
      for (const c of CLASSES) {
        parts.push(pick(a) + pick(b) + pick(c));
        if (parts.length === 100) texts.push(parts.splice(0).join(' '));
      }
    }
  }
  texts.push(parts.join(' '));
  return texts;
}

/** Runs of random samples with nothing between them, long ones among them. */
function soups(random) {
  return Array.from({ length: 300 }, (_, i) => {
    const length = i % 10 === 0 ? 200 + random(400) : 4 + random(40);
    const few = Array.from({ length: 2 + random(6) }, () => ALL[random(ALL.length)]);
    return Array.from({ length }, () => few[random(few.length)]).join('');
  });
}

/** Tokens around the 255 units at which a token is cut, with all kinds of things standing at the cut. */
function longTokens() {
  const units = ['a', 'Z9', '\u00e9', '\u{10400}', '\u0e01', '\uac00', '\u30a2', '\u05d0', 'a\u0301', '\u{1d7d8}', '_'];
  const behind = [
    '',
    '.',
    '.b',
    '\u{10400}',
    '\u0301\u0301',
    '_',
    '_x',
    "'",
    "'s",
    ' ',
    '\u{1f680}',
    '"\u05d0',
    ',1',
    '\u200d\u2764',
  ];
  const texts = [];
  for (const unit of units) {
    for (const length of [253, 254, 255, 256, 300, 510, 600]) {
      for (const end of behind) {
        const most = Math.floor(length / unit.length);
        texts.push(`${unit.repeat(most).padStart(length, 'b')}${end}`);
      }
    }
  }
  // A token of many elements: emoji joined by joiners, thai, flags with tags, marks upon marks.
  for (const part of [
    '\u{1f469}\u200d',
    '\u0301',
    '\u200d',
    '\u{e0067}',
    '\u{1f1e6}',
    '\u0e31',
    '_',
    '1.',
    'a:',
    '\u{1f3fb}',
  ]) {
    for (const length of [84, 85, 86, 127, 128, 129, 254, 255, 256, 300]) {
      for (const start of ['a', '\u{1f3f4}', '\u2764', '\u05d0', '-'])
        texts.push(`${start}${part.repeat(length)}z\u{e007f}`);
    }
  }
  return texts;
}

const WORDS = [
  "don't use node.js 2.0 or a.1 and 1.a, 1,000;5 a:b 1:2 a,b a;b x..y 3..4 'quoted' \"quoted\" o'clock's",
  '__dirname _ __ a_ _a a__b _1_ 1_000 _.a a_.b a._b _\u0301_ \u203f a\u203fb',
  '\u05d0\u05d1"\u05d2 \u05d0"  \u05d0\' \u05d0\'\u05d1 "\u05d0" \u05d0""\u05d1 \u05d0\u0301"\u0301\u05d1 a"b a\u05d0"\u05d0b',
  '1\ufe0f\u20e3 #\u20e3 *\ufe0f\u20e3 12\u20e3 a1\u20e3 1\u0301\u20e3 #\u200d\ufe0f\u20e3 9\ufe0e\u20e3',
  '\u{1f1e9}\u{1f1ea}\u{1f1eb}\u{1f1f7} \u{1f1e9} \u{1f1e9}\u{1f1ea}\u{1f1eb} \u{1f1e9}\u200d\u{1f1ea} a\u{1f1e9}\u{1f1ea}b',
  '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}\u200d\u{1f466} \u{1f44d}\u{1f3fd} \u{1f44d}\ufe0f\u{1f3fd} \u{1f468}\u{1f3fd}\u200d\u{1f680} \u2764\ufe0f\u200d\u{1f525} \u{1f3fd}',
  '\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} \u{1f3f4}\u{e0067}\u{e0062} \u{1f3f4}\u{e007f} \u{1f3f4}\u200d\u2620\ufe0f',
  '\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35\u0e0a\u0e32\u0e27\u0e42\u0e25\u0e01 \u0eaa\u0eb0\u0e9a\u0eb2\u0e8d\u0e94\u0eb5 \u179f\u17bd\u179f\u17d2\u178f\u17b8 \u1019\u103c\u1014\u103a\u1019\u102c \u0e01a\u0e011\u0e01',
  '\u65e5\u672c\u8a9e\u306e\u30c6\u30ad\u30b9\u30c8 \u{20000}\u{2a6d6}\u3005\u3007 \ud55c\uad6d\uc5b4 \u1112\u1161\u11ab \uff76\uff9e \u30d1\u3099 \u304b\u3099 \u4e00\u0301',
  '\u0130STANBUL I\u0307 \u03a3\u039f\u03a6\u039f\u03a3 \u01c4\u01c5\u01c6 \u1c90\u1c91 \u13a0\uab70\u13f5 \u212a\u212b\u2126 \u1e9e\u00df \u023a\u023e \uff21\uff22 \u2160 \u24b6 \u{1e900} \u{118a0} \u10a0 \ua64a \ua7ae',
  'soft\u00adhyphen no\u00a0break zero\u200bwidth joined\u200cnon word\u2060joiner \ufeffbom nul\0nul e\u0301\u0301 \u0301first \u0301\u0301 \u200e\u200fa',
  '\u0661\u0662\u0663 \u0967\u0968 \uff11\uff12 \u{1d7d8}\u{1d7d9} \u00bd \u00b2 \u2460 \u3220 1\u066c000 1\uff0c2 1\u2044\u0032',
  'a\r\nb\rc\nd\u000be\u000cf\u0085g\u2028h\u2029i \u3000 \u1680 \u2007 \u202f',
];

/** All nasty texts, always the same. */
export function nastyTexts() {
  const random = randomOf(20_260_504);
  const apart = WORDS.flatMap((text) => [text, text.replaceAll(' ', ''), text.toUpperCase(), ...text.split(' ')]);
  return [...new Set(['', ...apart, ...triples(random), ...soups(random), ...longTokens()])];
}
