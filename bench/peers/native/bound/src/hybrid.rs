//! Parquet's hybrid of runs and bit-packed groups of eight, for levels and dictionary indices.

use peer::Result;

/// Appends exactly `count` numbers of `bits` bits each.
pub fn decode_hybrid(bytes: &[u8], bits: u32, count: usize, out: &mut Vec<u32>) -> Result<()> {
    if bits > 32 {
        return Err("Parquet: indices of more than 32 bits".into());
    }
    let end = out.len() + count;
    out.reserve(count);
    let width = bits.div_ceil(8) as usize;
    let mut at = 0;
    while out.len() < end {
        let mut head = 0u64;
        for shift in (0..).step_by(7) {
            let byte = *bytes.get(at).filter(|_| shift < 63).ok_or("Parquet: a run ends early")?;
            at += 1;
            head |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        let run = usize::try_from(head >> 1)?;
        if head & 1 == 0 {
            let mut value = [0; 4];
            value[..width].copy_from_slice(bytes.get(at..at + width).ok_or("Parquet: a run ends early")?);
            at += width;
            let n = run.min(end - out.len());
            out.resize(out.len() + n, u32::from_le_bytes(value));
        } else {
            let n = run.saturating_mul(8).min(end - out.len());
            unpack(&bytes[at..], bits, n, out)?;
            at = at.saturating_add(run.saturating_mul(bits as usize));
        }
    }
    Ok(())
}

fn unpack(bytes: &[u8], bits: u32, count: usize, out: &mut Vec<u32>) -> Result<()> {
    if bytes.len() < (count * bits as usize).div_ceil(8) {
        return Err("Parquet: a packed group ends early".into());
    }
    let mask = (1u64 << bits) - 1;
    let mut bit = 0usize;
    for _ in 0..count {
        let at = bit >> 3;
        let word = match bytes.get(at..at + 8) {
            Some(eight) => u64::from_le_bytes(eight.try_into()?),
            None => bytes[at..].iter().rev().fold(0, |w, b| w << 8 | u64::from(*b)),
        };
        out.push((word >> (bit & 7) & mask) as u32);
        bit += bits as usize;
    }
    Ok(())
}
