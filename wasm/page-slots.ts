// Slots of the column that is being decoded: one a row, or one an element where rows are lists. Here: how many there are, and which are
// null. Levels are one byte a slot, 1 = has a value; address 0 stands for "all have".

import { alloc } from './arena';

export let slotCount: u32 = 0;
export let slotNulls: u32 = 0;
/** LSB bitmap of `capacity` bits, 1 = has a value. */
export let slotValidity: usize = 0;
let capacity: u32 = 0;

export function beginSlots(slotCapacity: u32): void {
  capacity = slotCapacity;
  slotCount = 0;
  slotNulls = 0;
  slotValidity = allocBits(slotCapacity);
}

/** A bitmap of `bits` set bits, those behind the last one 0. */
export function allocBits(bits: u32): usize {
  const bytes = (<usize>bits + 7) >> 3;
  const bitmap = alloc(bytes);
  memory.fill(bitmap, 0xff, bytes);
  if (bits & 7) store<u8>(bitmap + bytes - 1, <u8>(((<u32>1) << (bits & 7)) - 1));
  return bitmap;
}

export function clearBit(bitmap: usize, index: u32): void {
  const at = bitmap + (index >> 3);
  store<u8>(at, load<u8>(at) & ~((<u8>1) << (<u8>(index & 7))));
}

/** Whether `count` more slots fit; a column never gets more than it was begun with. */
export function slotsFit(count: u32): bool {
  return count <= capacity - slotCount;
}

/** Closes `count` slots, all of them written by now. */
export function addSlots(levels: usize, count: u32): void {
  if (levels != 0) {
    for (let i: u32 = 0; i < count; i++) {
      if (load<u8>(levels + i)) continue;
      clearBit(slotValidity, slotCount + i);
      slotNulls++;
    }
  }
  slotCount += count;
}

/** Clears the bit of a slot that had a value. */
export function rejectSlot(slot: u32): void {
  clearBit(slotValidity, slot);
}

/** How many of the `count` levels are 1. */
export function countPresent(levels: usize, count: u32): u32 {
  if (levels == 0) return count;
  let present: u32 = 0;
  let i: u32 = 0;
  for (; i + 8 <= count; i += 8) present += <u32>popcnt(load<u64>(levels + i));
  for (; i < count; i++) present += load<u8>(levels + i);
  return present;
}
