// One column of a stretch of rows, decoded from Parquet pages (parquet-format, README.md "Data Pages" and parquet.thrift). The host reads
// the page headers and brings the wanted pages one by one; here they are decompressed and their levels and values taken apart.
//
//   column: | row offsets, bitmaps | values ... | scratch: dictionary | page, raw page, levels, indices |
//                                      what stays ends here ^
//
// All sizes are checked against what is there. A broken page gives `false` and leaves the arena sound: the host then drops the column.

import { alloc, mark, release, SLACK } from './arena';
import { hybridMost, readHybrid } from './hybrid';
import { decodeLz4 } from './lz4';
import { addByteDictionary, beginBytes, byteData, finishBytes, takeByteIds, takePlainBytes } from './page-bytes';
import { beginPageLists, elementCount, elementSkip, finishLists, listsClosed, walkLists } from './page-lists';
import {
  addNumberDictionary,
  beginNumbers,
  takeNumberIds,
  takePlainBooleans,
  takePlainNumbers,
  takeRunBooleans,
} from './page-numbers';
import { beginSlots, countPresent, slotCount, slotsFit } from './page-slots';
import { decodeSnappy } from './snappy';

// Numbers of Parquet's enumerations.
const CODEC_NONE: u32 = 0;
const CODEC_SNAPPY: u32 = 1;
const CODEC_LZ4_RAW: u32 = 7;
const TYPE_BOOLEAN: u32 = 0;
const TYPE_INT32: u32 = 1;
const TYPE_FLOAT: u32 = 4;
const TYPE_BYTES: u32 = 6;
const ENCODING_PLAIN: u32 = 0;
const ENCODING_PLAIN_DICTIONARY: u32 = 2;
const ENCODING_RLE: u32 = 3;
const ENCODING_RLE_DICTIONARY: u32 = 8;

let codec: u32 = CODEC_NONE;
let physical: u32 = TYPE_BYTES;
let isList: bool = false;
/** Largest definition level: that of a value. */
let valueLevel: u32 = 0;
let rows: u32 = 0;
let hasDictionary: bool = false;
/** Where the scratch of one page begins: behind the values, and behind the dictionary once it has come. */
let scratch: usize = 0;
let columnEnd: usize = 0;

// The page at work: its bytes without levels, and one level a slot or 0 where all slots have a value.
let at: usize = 0;
let end: usize = 0;
let levels: usize = 0;

/**
 * Starts a flat column of `rowCount` rows; byte strings are expected to take `bytes`. `type` and `pageCodec` are Parquet's numbers;
 * `definition` is 1 where rows may be null, else 0.
 */
export function beginPages(type: u32, pageCodec: u32, definition: u32, rowCount: u32, bytes: u32): void {
  isList = false;
  rows = rowCount;
  begin(type, pageCodec, definition, rowCount, bytes);
}

/** Starts a column whose rows are lists of byte strings, at most `slots` of them; for the levels see `beginPageLists`. */
export function beginListPages(
  pageCodec: u32,
  list: u32,
  element: u32,
  value: u32,
  rowStart: u32,
  rowEnd: u32,
  slots: u32,
  bytes: u32,
): void {
  beginPageLists(rowStart, rowEnd, list, element, value);
  isList = true;
  begin(TYPE_BYTES, pageCodec, value, slots, bytes);
}

function begin(type: u32, pageCodec: u32, value: u32, slots: u32, bytes: u32): void {
  physical = type;
  codec = pageCodec;
  valueLevel = value;
  hasDictionary = false;
  beginSlots(slots);
  if (type == TYPE_BYTES) beginBytes(slots, bytes);
  else beginNumbers(slots, type == TYPE_BOOLEAN ? 0 : type == TYPE_INT32 || type == TYPE_FLOAT ? 4 : 8);
  columnEnd = mark();
  scratch = columnEnd;
}

/** Where the host puts the next page of `length` bytes; drops the page before it. */
export function pageInput(length: u32): usize {
  release(scratch);
  return alloc(<usize>length + SLACK);
}

/** Gives the bytes behind `src` raw: in a block of their own, or as they lie where nothing is compressed; 0 where they are broken. */
function decompress(src: usize, length: u32, rawLength: u32, isCompressed: bool): usize {
  if (!isCompressed || codec == CODEC_NONE) return length == rawLength ? src : 0;
  const raw = alloc(<usize>rawLength + SLACK);
  // Where all values are null some writers leave even the block's head out.
  if (length == 0 && rawLength == 0) return raw;
  if (codec == CODEC_SNAPPY) return decodeSnappy(src, length, raw, rawLength) ? raw : 0;
  if (codec == CODEC_LZ4_RAW) return decodeLz4(src, length, raw, rawLength) ? raw : 0;
  return 0;
}

/** The column's dictionary page of `count` PLAIN values. */
export function addPageDictionary(input: usize, length: u32, rawLength: u32, count: u32): bool {
  const raw = decompress(input, length, rawLength, true);
  if (raw == 0 || hasDictionary) return false;
  hasDictionary = true;
  const isSound =
    physical == TYPE_BYTES
      ? addByteDictionary(raw, raw + rawLength, count)
      : addNumberDictionary(raw, raw + rawLength, count);
  scratch = mark();
  return isSound;
}

/**
 * A data page of `entries` levels, `nulls` of them without a value (-1 = not told). Version 2 has its levels in front, uncompressed, `repetitionLength` and `definitionLength` bytes of
 * them; in version 1 both are 0. Flat columns: passes over `skip` rows and keeps the next `take`.
 */
export function addPage(
  input: usize,
  length: u32,
  rawLength: u32,
  version: u32,
  encoding: u32,
  isCompressed: bool,
  entries: u32,
  nulls: i32,
  repetitionLength: u32,
  definitionLength: u32,
  skip: u32,
  take: u32,
): bool {
  if (isList && listsClosed) return true;
  const inFront = <u64>repetitionLength + definitionLength;
  if (inFront > length || inFront > rawLength) return false;
  const front = <u32>inFront;
  at = decompress(input + front, length - front, rawLength - front, isCompressed);
  if (at == 0) return false;
  end = at + (rawLength - front);
  let repetitions: usize = 0;
  if (isList) {
    repetitions = takeLevels(version, input, repetitionLength, 1, entries);
    if (repetitions == 0) return false;
  }
  levels = 0;
  if (valueLevel > 0) {
    levels = takeLevels(version, input + repetitionLength, definitionLength, valueLevel, entries);
    if (levels == 0) return false;
  }
  if (nulls >= 0 && entries - countValues(entries) != <u32>nulls) return false;
  const isSound = isList ? takeList(encoding, repetitions, entries) : takeFlat(encoding, entries, skip, take);
  // Values that had to move lie behind this page's scratch.
  if (byteData > scratch) scratch = mark();
  return isSound;
}

/** Decodes `entries` levels into a byte each: of version 1 from the page itself behind a u32 of their length. 0 where they are broken. */
function takeLevels(version: u32, src: usize, length: u32, most: u32, entries: u32): usize {
  if (version == 1) {
    if (end - at < 4) return 0;
    length = load<u32>(at);
    src = at + 4;
    if (length > <u32>(end - src)) return 0;
    at = src + length;
  }
  const out = alloc(entries);
  const width: u32 = most > 1 ? 2 : 1;
  return readHybrid<u8>(src, src + length, width, entries, out) && hybridMost <= most ? out : 0;
}

/** Levels of the page that stand for a value. */
function countValues(entries: u32): u32 {
  if (levels == 0) return entries;
  let values: u32 = 0;
  for (let i: u32 = 0; i < entries; i++) values += u32(load<u8>(levels + i) == valueLevel);
  return values;
}

function takeFlat(encoding: u32, entries: u32, skip: u32, take: u32): bool {
  if (<u64>skip + take > entries) return false;
  const skipped = countPresent(levels, skip);
  const wanted: usize = levels == 0 ? 0 : levels + skip;
  return takeValues(encoding, wanted, take, skipped);
}

function takeList(encoding: u32, repetitions: usize, entries: u32): bool {
  const elements = alloc(entries);
  if (!walkLists(repetitions, levels, entries, slotCount, elements)) return false;
  return takeValues(encoding, elements, elementCount, elementSkip);
}

/** Fills `count` slots after passing over `skip` values. */
function takeValues(encoding: u32, slotLevels: usize, count: u32, skip: u32): bool {
  if (count == 0) return true;
  if (!slotsFit(count)) return false;
  const present = countPresent(slotLevels, count);
  // Without nulls the loops need not look at levels at all.
  const wanted: usize = present == count ? 0 : slotLevels;
  if (encoding == ENCODING_PLAIN) {
    if (physical == TYPE_BYTES) return takePlainBytes(at, end, wanted, count, skip);
    if (physical == TYPE_BOOLEAN) return takePlainBooleans(at, end, wanted, count, skip, present);
    return takePlainNumbers(at, end, wanted, count, skip, present);
  }
  const values = skip + present;
  if (encoding == ENCODING_RLE && physical == TYPE_BOOLEAN) {
    return takeRunBooleans(at, end, wanted, count, skip, present, alloc(values));
  }
  if (encoding != ENCODING_PLAIN_DICTIONARY && encoding != ENCODING_RLE_DICTIONARY) return false;
  if (!hasDictionary) return false;
  const ids = alloc(((<usize>values) << 2) + 4);
  if (values > 0) {
    const width = at < end ? <u32>load<u8>(at) : 33;
    if (width > 32 || !readHybrid<u32>(at + 1, end, width, values, ids)) return false;
  }
  const kept = ids + ((<usize>skip) << 2);
  if (physical == TYPE_BYTES) return takeByteIds(kept, present, hybridMost, wanted, count);
  return takeNumberIds(kept, present, hybridMost, wanted, count);
}

/** Ends the column and drops all scratch; false where rows are missing. */
export function finishPages(): bool {
  if (isList ? !finishLists(slotCount) : slotCount != rows) return false;
  if (physical == TYPE_BYTES) finishBytes();
  else release(columnEnd);
  return true;
}
