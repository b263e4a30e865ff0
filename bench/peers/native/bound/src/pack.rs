//! Packing of 128 values: value i stands in lane i & 3, place i >> 2; each lane of 32 bits is a stream of `bits`-wide values.

use std::arch::x86_64::*;

macro_rules! by_width {
    ($bits:expr, $values:expr, $to:expr, $($width:literal)*) => {
        match $bits {
            $($width => pack::<$width>($values, $to),)*
            _ => unreachable!("no more than 32 bits"),
        }
    };
}

/// # Safety
/// `16 * bits` bytes must be writable at `to`.
#[inline(always)]
pub unsafe fn pack_128(values: &[u32; 128], bits: u32, to: *mut u8) {
    // SAFETY: as the caller vouches.
    unsafe { by_width!(bits, values, to, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32) }
}

#[inline(never)]
unsafe fn pack<const BITS: i32>(values: &[u32; 128], to: *mut u8) {
    if BITS == 0 {
        return;
    }
    // SAFETY: 32 loads of four values; BITS stores of 16 bytes.
    unsafe {
        let (mut word, mut fill, mut to) = (_mm_setzero_si128(), 0, to.cast::<__m128i>());
        for i in 0..32 {
            let four = _mm_loadu_si128(values.as_ptr().add(4 * i).cast());
            word = _mm_or_si128(word, _mm_sll_epi32(four, _mm_cvtsi32_si128(fill)));
            fill += BITS;
            if fill >= 32 {
                _mm_storeu_si128(to, word);
                to = to.add(1);
                fill -= 32;
                // A shift by 32 gives zero: nothing is left of these four.
                word = _mm_srl_epi32(four, _mm_cvtsi32_si128(BITS - fill));
            }
        }
    }
}

/// The smallest width that holds all values.
#[inline(always)]
pub fn width_of(values: &[u32]) -> u32 {
    32 - values.iter().fold(0, |all, v| all | v).leading_zeros()
}
