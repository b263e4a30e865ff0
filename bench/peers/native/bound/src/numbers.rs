//! The numeric column: nullable 64-bit numbers, in blocks of 1,024 as differences from the block's least (docs/segment-format.md).

use crate::out::Out;

const BLOCK: usize = 1024;

/// `values` holds one number a document, `there` whether it has one.
pub fn numeric_column(values: &[i64], there: &[bool]) -> Out {
    let mut out = Out::default();
    let blocks = values.len().div_ceil(BLOCK);
    out.reserve(64 + values.len() * 9 + blocks * 32);
    let has_nulls = there.contains(&false);
    out.word(u64::from(has_nulls), 8);
    if has_nulls {
        for eight in there.chunks(8) {
            out.byte(eight.iter().enumerate().fold(0, |byte, (i, is)| byte | u8::from(*is) << i));
        }
        while out.len() % 8 != 0 {
            out.byte(0);
        }
    }
    let mut offsets = Vec::with_capacity(blocks);
    for (block, there) in values.chunks(BLOCK).zip(there.chunks(BLOCK)) {
        offsets.push(out.len() as u64);
        let present = || block.iter().zip(there).filter(|(_, is)| **is).map(|(v, _)| *v);
        let (min, max) = (present().min().unwrap_or(0), present().max().unwrap_or(0));
        let bits = 64 - (max.wrapping_sub(min) as u64).leading_zeros();
        out.word(min as u64, 8);
        out.word(u64::from(bits), 8);
        let (mut word, mut fill) = (0u128, 0);
        for (value, is) in block.iter().zip(there) {
            word |= u128::from(if *is { value.wrapping_sub(min) as u64 } else { 0 }) << fill;
            fill += bits;
            if fill >= 64 {
                out.word(word as u64, 8);
                word >>= 64;
                fill -= 64;
            }
        }
        if fill > 0 {
            out.word(word as u64, 8);
        }
    }
    for offset in offsets {
        out.word(offset, 8);
    }
    out
}
