// Numbers and booleans out of pages: PLAIN, dictionary and (booleans) run-length. A null slot holds 0.

import { allocZeroed } from './arena';
import { hybridMost, readHybrid } from './hybrid';
import { addSlots, slotCount } from './page-slots';

/** Values of 4 or 8 bytes, or an LSB bitmap for booleans. */
export let numberValues: usize = 0;
let width: u32 = 0;
let dictionary: usize = 0;
let dictionaryCount: u32 = 0;

/** Room for `slots` values of `valueBytes` (4 or 8; 0 = booleans). */
export function beginNumbers(slots: u32, valueBytes: u32): void {
  width = valueBytes;
  numberValues = allocZeroed(valueBytes == 0 ? (<usize>slots + 7) >> 3 : <usize>slots * valueBytes);
  dictionaryCount = 0;
}

/** Takes over the values of a PLAIN dictionary page, which stays in memory as long as the column. */
export function addNumberDictionary(at: usize, end: usize, count: u32): bool {
  if (width == 0 || <u64>count * width > <u64>(end - at)) return false;
  dictionary = at;
  dictionaryCount = count;
  return true;
}

/** PLAIN numbers from `[at, end)`: passes over `skip` of them, then fills `count` slots with the next `present`. */
export function takePlainNumbers(at: usize, end: usize, levels: usize, count: u32, skip: u32, present: u32): bool {
  if ((<u64>skip + present) * width > <u64>(end - at)) return false;
  at += <usize>skip * width;
  const to = numberValues + <usize>slotCount * width;
  if (levels == 0) memory.copy(to, at, <usize>count * width);
  else if (width == 4) scatter<u32>(to, at, levels, count);
  else scatter<u64>(to, at, levels, count);
  addSlots(levels, count);
  return true;
}

function scatter<T>(to: usize, at: usize, levels: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    if (!load<u8>(levels + i)) continue;
    store<T>(to + <usize>i * sizeof<T>(), load<T>(at));
    at += sizeof<T>();
  }
}

/** Numbers of the dictionary by their u32 indices, one for each slot that has a value. */
export function takeNumberIds(ids: usize, present: u32, most: u32, levels: usize, count: u32): bool {
  if (width == 0 || (present > 0 && most >= dictionaryCount)) return false;
  const to = numberValues + <usize>slotCount * width;
  if (width == 4) gather<u32>(to, ids, levels, count);
  else gather<u64>(to, ids, levels, count);
  addSlots(levels, count);
  return true;
}

function gather<T>(to: usize, ids: usize, levels: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    if (levels != 0 && !load<u8>(levels + i)) continue;
    store<T>(to + <usize>i * sizeof<T>(), load<T>(dictionary + <usize>load<u32>(ids) * sizeof<T>()));
    ids += 4;
  }
}

/** PLAIN booleans, one bit each. */
export function takePlainBooleans(at: usize, end: usize, levels: usize, count: u32, skip: u32, present: u32): bool {
  if ((<u64>skip + present + 7) >> 3 > <u64>(end - at)) return false;
  let bit: u32 = skip;
  for (let i: u32 = 0; i < count; i++) {
    if (levels != 0 && !load<u8>(levels + i)) continue;
    orBit(slotCount + i, load<u8>(at + (bit >> 3)) >> <u8>(bit & 7));
    bit++;
  }
  addSlots(levels, count);
  return true;
}

/** Run-length encoded booleans behind a u32 of their length. `scratch` has room for a byte a value. */
export function takeRunBooleans(
  at: usize,
  end: usize,
  levels: usize,
  count: u32,
  skip: u32,
  present: u32,
  scratch: usize,
): bool {
  if (end - at < 4 || load<u32>(at) > <u32>(end - at - 4)) return false;
  const runsEnd = at + 4 + load<u32>(at);
  if (!readHybrid<u8>(at + 4, runsEnd, 1, skip + present, scratch) || hybridMost > 1) return false;
  let value = scratch + skip;
  for (let i: u32 = 0; i < count; i++) {
    if (levels == 0 || load<u8>(levels + i)) orBit(slotCount + i, load<u8>(value++));
  }
  addSlots(levels, count);
  return true;
}

function orBit(slot: u32, bit: u8): void {
  const at = numberValues + (slot >> 3);
  store<u8>(at, load<u8>(at) | ((bit & 1) << (<u8>(slot & 7))));
}
