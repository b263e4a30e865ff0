// Writes wasm/unicode-tables.ts: what the kernel knows of Unicode, as small constant tables.
// Usage: node wasm/tools/generate-tables.mjs [output file]
// Word boundaries follow Unicode 12.1, as Lucene's grammar does; letters, digits and case follow 15.0, as Java 21 does.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compile } from './automaton.mjs';
import { CODE_POINT_END, readLowerCase, readMembers } from './code-points.mjs';
import { readGrammarSets, TOKEN } from './word-grammar.mjs';

const JAVA_UNICODE = '15.0.0';
/** An entry is `class | flags`: five bits of class, then these. */
const CLASS_COUNT = 32;
const LETTER_OR_DIGIT = 0x40;
const HAS_LOWER_CASE = 0x80;
/** 128 code points per block: the smallest sum of index and blocks that still has block numbers of one byte. */
const BLOCK_SHIFT = 7;
/** Code points below are indexed as they are; of the rest only E0000..E0FFF says anything, and is laid behind them. */
const PLAIN_END = 0x33000;
const TAGS_BEGIN = 0xe0000;
const TAGS_END = 0xe1000;

/** Gives every code point the number of its class: code points in exactly the same sets share one. */
function classify(sets) {
  const names = Object.keys(sets);
  const numbers = new Map();
  const classes = [];
  const classOf = new Uint8Array(CODE_POINT_END);
  for (let codePoint = 0; codePoint < CODE_POINT_END; codePoint++) {
    const members = names.filter((name) => sets[name][codePoint] === 1);
    const key = members.join();
    if (!numbers.has(key)) numbers.set(key, classes.push(new Set(members)) - 1);
    classOf[codePoint] = numbers.get(key);
  }
  if (classes.length > CLASS_COUNT) throw new Error(`${classes.length} classes do not fit ${CLASS_COUNT}`);
  return { classes, classOf };
}

/** Cuts the entries into blocks, stores equal ones once, and run-length encodes the blocks as (length, entry) bytes. */
function packEntries(entries) {
  const strayed = entries.findIndex((e, cp) => e !== 0 && cp >= PLAIN_END && (cp < TAGS_BEGIN || cp >= TAGS_END));
  if (strayed >= 0) throw new Error(`code point ${strayed.toString(16)} lies outside the indexed planes`);
  const indexed = [...entries.subarray(0, PLAIN_END), ...entries.subarray(TAGS_BEGIN, TAGS_END)];
  const numbers = new Map();
  const index = [];
  const blocks = [];
  for (let at = 0; at < indexed.length; at += 1 << BLOCK_SHIFT) {
    const block = indexed.slice(at, at + (1 << BLOCK_SHIFT));
    const key = block.join();
    if (!numbers.has(key)) {
      numbers.set(key, numbers.size);
      blocks.push(...block);
    }
    index.push(numbers.get(key));
  }
  if (numbers.size > 256) throw new Error(`${numbers.size} blocks do not fit a byte`);
  const runs = [];
  for (let at = 0, next = 0; at < blocks.length; at = next) {
    while (next < blocks.length && next - at < 255 && blocks[next] === blocks[at]) next++;
    runs.push(next - at, blocks[at]);
  }
  return { index, runs, blockBytes: blocks.length };
}

/**
 * Joins neighbouring mappings of one distance: (last, distance). What lies between two of them and has no lower case is
 * told apart by its entry's flag, so a range needs no first and no step.
 */
function packLowerCase(mappings) {
  const ranges = [];
  for (const [from, to] of mappings) {
    if (ranges.at(-1)?.[1] === to - from) ranges.at(-1)[0] = from;
    else ranges.push([from, to - from]);
  }
  return ranges;
}

/** One exported table, filled to the line width. */
function table(doc, name, type, values) {
  const lines = [''];
  for (const value of values) {
    if (lines.at(-1).length + `${value}, `.length > 116) lines.push('');
    lines[lines.length - 1] += `${value}, `;
  }
  const body = lines.map((line) => `  ${line.trimEnd()}`).join('\n');
  return `/** ${doc} */\nexport const ${name} = memory.data<${type}>([\n${body}\n]);\n`;
}

const constant = (doc, name, value) => `/** ${doc} */\nexport const ${name}: u32 = ${value};\n`;

/** The text of wasm/unicode-tables.ts. */
export async function generateTables() {
  const { classes, classOf } = classify(await readGrammarSets());
  const { rows, firstAccepting } = compile(TOKEN, classes);
  const letters = await readMembers(JAVA_UNICODE, 'General_Category/Letter');
  const numbers = await readMembers(JAVA_UNICODE, 'General_Category/Number');
  const lower = await readLowerCase(JAVA_UNICODE);
  const entries = classOf.map((c, cp) => c | (letters[cp] || numbers[cp] ? LETTER_OR_DIGIT : 0));
  for (const [from] of lower) entries[from] |= HAS_LOWER_CASE;
  const { index, runs, blockBytes } = packEntries(entries);
  const paddedRows = rows.flatMap((row) => [...row, ...new Array(CLASS_COUNT - row.length).fill(0)]);
  const ranges = packLowerCase(lower);
  return [
    '// biome-ignore-all format: written by wasm/tools/generate-tables.mjs, do not edit.\n// What the kernel knows of Unicode: the word grammar as a state table, code points as entries, lower case as ranges.\n',
    constant('The state a match begins in; state 0 is dead.', 'START_STATE', 1),
    constant('States from this one on have read a whole token.', 'FIRST_ACCEPTING', firstAccepting),
    table('Next state of `state * 32 + class`.', 'STATE_ROWS', 'u8', paddedRows),
    constant('The bits of an entry that are its word-break class.', 'CLASS_MASK', CLASS_COUNT - 1),
    constant('Entry flag: a letter or digit (categories L and N).', 'LETTER_OR_DIGIT', LETTER_OR_DIGIT),
    constant('Entry flag: lower case is another code point.', 'HAS_LOWER_CASE', HAS_LOWER_CASE),
    constant('Code points per block of entries, as a power of two.', 'BLOCK_SHIFT', BLOCK_SHIFT),
    constant('Code points from here on have no entry of their own, but for the tags.', 'PLAIN_END', PLAIN_END),
    constant(
      'How far the tags (E0000..E0FFF) are moved down to follow the plain ones.',
      'TAGS_SHIFT',
      TAGS_BEGIN - PLAIN_END,
    ),
    constant('One past the last moved code point.', 'INDEXED_END', PLAIN_END + TAGS_END - TAGS_BEGIN),
    table('Block number of `code point >> BLOCK_SHIFT`.', 'BLOCK_INDEX', 'u8', index),
    constant('Bytes of all blocks once unpacked.', 'BLOCK_BYTES', blockBytes),
    table('The blocks, packed: (length, entry) pairs.', 'BLOCK_RUNS', 'u8', runs),
    constant('Bytes of BLOCK_RUNS.', 'BLOCK_RUNS_BYTES', runs.length),
    constant('Ranges in LOWER_CASE.', 'LOWER_CASE_COUNT', ranges.length),
    table(
      'Ascending (last code point, distance): for code points flagged HAS_LOWER_CASE only.',
      'LOWER_CASE',
      'i32',
      ranges.flat(),
    ),
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const output = process.argv[2] ?? fileURLToPath(new URL('../unicode-tables.ts', import.meta.url));
  writeFileSync(output, await generateTables());
}
