//! Snappy's raw format (https://github.com/google/snappy/blob/main/format_description.txt), decoded with copies of 16 bytes that may
//! overshoot into slack behind the output.

use std::ptr::copy_nonoverlapping;

use peer::Result;

/// Bytes that must be writable behind the output, and readable behind the input.
pub const SLACK: usize = 64;

/// What the tag of a copy says: length, high bits of the offset, bytes of tag and offset, mask of the offset's bytes. A table, since no
/// predictor can tell which of the three forms comes next.
#[derive(Clone, Copy)]
struct Copy {
    n: u8,
    high: u8,
    width: u8,
    mask: u32,
}

static COPIES: [Copy; 256] = {
    let mut table = [Copy { n: 0, high: 0, width: 1, mask: 0 }; 256];
    let mut tag = 0;
    while tag < 256 {
        let long = (tag as u8 >> 2) + 1;
        table[tag] = match tag & 3 {
            0 => table[tag],
            1 => Copy { n: 4 + (tag as u8 >> 2 & 7), high: tag as u8 >> 5, width: 2, mask: 0xff },
            2 => Copy { n: long, high: 0, width: 3, mask: 0xffff },
            _ => Copy { n: long, high: 0, width: 5, mask: u32::MAX },
        };
        tag += 1;
    }
    table
};

fn header(input: &[u8]) -> Result<(usize, usize)> {
    let (mut length, mut shift) = (0usize, 0);
    for (i, byte) in input.iter().take(5).enumerate() {
        length |= usize::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            return Ok((length, i + 1));
        }
        shift += 7;
    }
    Err("snappy: no length".into())
}

/// Decodes `input[..len]` to exactly `size` bytes at the start of `out`. `input` must be `SLACK` bytes longer than `len`, `out` than `size`.
pub fn decode(input: &[u8], len: usize, out: &mut [u8], size: usize) -> Result<()> {
    let broken = || -> Result<()> { Err("snappy: the data is broken".into()) };
    if input.len() < len + SLACK || out.len() < size + SLACK {
        return Err("snappy: no slack behind a buffer".into());
    }
    let (length, begin) = header(&input[..len])?;
    if length != size {
        return broken();
    }
    // SAFETY: every element is checked to end within `len` and `size`; what a copy overshoots stays within the slack that was checked
    // above: at most 31 bytes of a literal, 15 of a copy.
    unsafe {
        let (mut ip, ip_end) = (input.as_ptr().add(begin), input.as_ptr().add(len));
        let op_begin = out.as_mut_ptr();
        let (mut op, op_end) = (op_begin, op_begin.add(size));
        while ip < ip_end {
            let tag = usize::from(*ip);
            if tag & 3 == 0 {
                let mut n = (tag >> 2) + 1;
                ip = ip.add(1);
                if n > 60 {
                    let width = n - 60;
                    n = (ip.cast::<u32>().read_unaligned() & (u32::MAX >> (32 - 8 * width as u32))) as usize + 1;
                    ip = ip.add(width);
                }
                if n > (ip_end as usize).wrapping_sub(ip as usize) || ip > ip_end || n > op_end as usize - op as usize {
                    return broken();
                }
                if n <= 64 {
                    copy16(ip, op);
                    copy16(ip.add(16), op.add(16));
                    if n > 32 {
                        copy16(ip.add(32), op.add(32));
                        copy16(ip.add(48), op.add(48));
                    }
                } else {
                    copy_nonoverlapping(ip, op, n);
                }
                ip = ip.add(n);
                op = op.add(n);
                continue;
            }
            let Copy { n, high, width, mask } = COPIES[tag];
            let n = usize::from(n);
            let offset = (usize::from(high) << 8) + (ip.add(1).cast::<u32>().read_unaligned() & mask) as usize;
            ip = ip.add(usize::from(width));
            if offset == 0 || offset > op as usize - op_begin as usize || n > op_end as usize - op as usize || ip > ip_end {
                return broken();
            }
            let from = op.sub(offset);
            if offset >= 16 {
                copy16(from, op);
                let mut done = 16;
                while done < n {
                    copy16(from.add(done), op.add(done));
                    done += 16;
                }
            } else {
                for i in 0..n {
                    *op.add(i) = *from.add(i);
                }
            }
            op = op.add(n);
        }
        if op != op_end { broken() } else { Ok(()) }
    }
}

#[inline(always)]
unsafe fn copy16(from: *const u8, to: *mut u8) {
    // SAFETY: the caller vouches for 16 readable and writable bytes; reading before writing makes an overlap harmless.
    unsafe { to.cast::<[u64; 2]>().write_unaligned(from.cast::<[u64; 2]>().read_unaligned()) }
}
