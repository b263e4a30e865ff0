//! A byte buffer written through a pointer: room is made once for a whole list, not for each byte.

use crate::memory::Big;

#[derive(Default)]
pub struct Out {
    bytes: Big<u8>,
    len: usize,
}

/// Bytes that a write may touch behind what it adds.
const SLACK: usize = 64;

impl Out {
    pub fn clear(&mut self) {
        self.len = 0;
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// Room for `more` bytes; every method below relies on the caller having made it.
    #[inline(always)]
    pub fn reserve(&mut self, more: usize) {
        if self.bytes.len() < self.len + more + SLACK {
            self.bytes.set_len((self.len + more + SLACK) * 2);
        }
    }

    #[inline(always)]
    fn at(&mut self) -> *mut u8 {
        debug_assert!(self.len + 16 <= self.bytes.len());
        // SAFETY: `len` stays within the buffer.
        unsafe { self.bytes.as_mut_ptr().add(self.len) }
    }

    #[inline(always)]
    pub fn byte(&mut self, value: u8) {
        // SAFETY: the caller made room.
        unsafe { *self.at() = value };
        self.len += 1;
    }

    /// LEB128. Four bytes are computed without a branch: lengths follow no pattern a predictor could learn.
    #[inline(always)]
    pub fn varint(&mut self, value: u32) {
        if value >= 1 << 28 {
            return self.long_varint(value);
        }
        let spread = value & 0x7f | (value & 0x3f80) << 1 | (value & 0x1f_c000) << 2 | (value & 0xfe0_0000) << 3;
        let length = (38 - (value | 1).leading_zeros()) * 37 / 256;
        let more = 0x8080_8080u32 & ((1u64 << (8 * length - 8)) - 1) as u32;
        // SAFETY: the caller made room.
        unsafe { self.at().cast::<u32>().write_unaligned(spread | more) };
        self.len += length as usize;
    }

    #[cold]
    fn long_varint(&mut self, mut value: u32) {
        while value >= 0x80 {
            self.byte(value as u8 | 0x80);
            value >>= 7;
        }
        self.byte(value as u8);
    }

    #[inline(always)]
    pub fn slice(&mut self, bytes: &[u8]) {
        // SAFETY: the caller made room.
        unsafe { self.at().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
        self.len += bytes.len();
    }

    /// Writes eight bytes of which `count` stay.
    #[inline(always)]
    pub fn word(&mut self, word: u64, count: usize) {
        // SAFETY: the caller made room.
        unsafe { self.at().cast::<u64>().write_unaligned(word) };
        self.len += count;
    }

    /// 128 values of `bits` bits, in four lanes (see `pack`).
    #[inline(always)]
    pub fn packed_128(&mut self, values: &[u32; 128], bits: u32) {
        // SAFETY: the caller made room.
        unsafe { crate::pack::pack_128(values, bits, self.at()) };
        self.len += 16 * bits as usize;
    }

    /// Values of `bits` <= 32 bits in a row, low bits first, over whole bytes.
    #[inline(always)]
    pub fn packed_row(&mut self, values: impl Iterator<Item = u64>, bits: u32) {
        let (mut word, mut fill) = (0u64, 0u32);
        let mut length = 0;
        for value in values {
            word |= value << fill;
            fill += bits;
            length += bits as usize;
            self.word(word, fill as usize >> 3);
            word = if fill < 64 { word >> (fill & !7) } else { 0 };
            fill &= 7;
        }
        if length & 7 != 0 {
            self.byte(word as u8);
        }
    }
}
