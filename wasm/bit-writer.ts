// Bits into the open output, low ones first. Whoever made room for the bytes may write 8 beyond them.

import { outPos, setOut } from './out';

/** Bits that wait for the rest of their byte, and how many they are: 0 to 7. */
export let waiting: u64 = 0;
export let waitingBits: u64 = 0;

/** Begins at a whole byte. */
export function beginBits(): void {
  waiting = 0;
  waitingBits = 0;
}

/** Appends up to 32 bits. */
export function putBits(value: u32, bits: u32): void {
  resumeBits(outPos, waiting | ((<u64>value) << waitingBits), waitingBits + bits);
}

/** Takes over from a loop that held `filled` bits (0 to 63) for the address `at`. */
export function resumeBits(at: usize, word: u64, filled: u64): void {
  store<u64>(at, word);
  setOut(at + <usize>(filled >> 3));
  waiting = word >> (filled & ~7);
  waitingBits = filled & 7;
}

/** Fills the last byte up with zeros. */
export function alignBits(): void {
  if (waitingBits > 0) putBits(0, 8 - <u32>waitingBits);
}
