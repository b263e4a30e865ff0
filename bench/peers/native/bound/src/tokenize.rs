//! The `simple` tokenizer: runs of letters and digits, lower-cased. 64 bytes a step in SSE2 registers give one bit a byte; a token
//! begins or ends where bits change. Values with a byte beyond ASCII go char by char.

use std::arch::x86_64::*;

/// Lower-cased text of a batch of values, and where its tokens begin and end: even entries begin, odd ones end.
pub struct Batch {
    pub text: Vec<u8>,
    used: usize,
    pub edges: Vec<u32>,
    pub edge_count: usize,
}

/// Text of a batch: its tokens' table lines (64 bytes each, prefetched) have to stay in L1 until they are used.
const BATCH_BYTES: usize = 3 << 10;
/// Bytes that may be read and written behind a value.
const SLACK: usize = 64;
/// Edges are written this many at a time, wanted or not; a word of 64 bytes has 19 on average.
const UNROLLED: usize = 20;

impl Batch {
    pub fn new() -> Self {
        Batch { text: Vec::new(), used: 0, edges: Vec::new(), edge_count: 0 }
    }

    pub fn is_full(&self) -> bool {
        self.used >= BATCH_BYTES
    }

    pub fn clear(&mut self) {
        self.used = 0;
        self.edge_count = 0;
    }

    /// Tokenizes `value`, behind which `SLACK` bytes are readable; returns the number of its tokens.
    ///
    /// # Safety
    /// `value..value + len + SLACK` must be readable.
    #[inline(always)]
    pub unsafe fn push(&mut self, value: *const u8, len: usize) -> u32 {
        // Lower-casing beyond ASCII can make a text half as long again (a char of two bytes becomes one of three).
        let room = len * 3 / 2 + 2 * SLACK;
        if self.text.len() < self.used + room {
            self.text.resize(self.used + room + BATCH_BYTES, 0);
        }
        if self.edges.len() < self.edge_count + room + UNROLLED {
            self.edges.resize(self.edge_count + room + UNROLLED + BATCH_BYTES, 0);
        }
        let (base, before) = (self.used, self.edge_count);
        // SAFETY: there is room for the value and its slack in both buffers; the caller vouches for the input.
        let wide = unsafe {
            let to = self.text.as_mut_ptr().add(base);
            let mut edge = self.edges.as_mut_ptr().add(before);
            let (mut carry, mut wide, mut at) = (0u64, 0u64, 0usize);
            while at < len {
                let (mut word, mut high) = classify(value.add(at), to.add(at));
                if len - at < 64 {
                    let mask = (1u64 << (len - at)) - 1;
                    word &= mask;
                    high &= mask;
                }
                wide |= high;
                let changes = word ^ (word << 1 | carry);
                carry = word >> 63;
                edge = write_edges(edge, changes, (base + at) as u32);
                at += 64;
            }
            *edge = (base + len) as u32;
            // A token that ends with the value, where that is a multiple of 64 long.
            edge = edge.add(carry as usize & usize::from(len & 63 == 0));
            self.edge_count = edge.offset_from(self.edges.as_ptr()) as usize;
            wide != 0
        };
        self.used = base + len;
        if wide {
            self.edge_count = before;
            // SAFETY: as above.
            self.push_wide(unsafe { std::slice::from_raw_parts(value, len) }, base);
        }
        ((self.edge_count - before) / 2) as u32
    }

    #[cold]
    fn push_wide(&mut self, value: &[u8], base: usize) {
        let value = String::from_utf8_lossy(value);
        let (mut at, mut inside) = (base, false);
        for c in value.chars() {
            if c.is_alphanumeric() != inside {
                self.edges[self.edge_count] = at as u32;
                self.edge_count += 1;
                inside = !inside;
            }
            for lower in c.to_lowercase() {
                if self.text.len() < at + 4 + SLACK {
                    self.text.resize(at + BATCH_BYTES, 0);
                }
                at += lower.encode_utf8(&mut self.text[at..]).len();
            }
        }
        if inside {
            self.edges[self.edge_count] = at as u32;
            self.edge_count += 1;
        }
        self.used = at;
    }
}

/// Lower-cases 64 bytes from `from` to `to`; bits of the ASCII letters and digits, and of the bytes beyond ASCII.
#[inline(always)]
unsafe fn classify(from: *const u8, to: *mut u8) -> (u64, u64) {
    let (mut word, mut high) = (0u64, 0u64);
    for i in 0..4 {
        // SAFETY: the caller vouches for 64 bytes at both.
        unsafe {
            let x = _mm_loadu_si128(from.add(16 * i).cast());
            let case = _mm_set1_epi8(0x20);
            let letter = _mm_sub_epi8(_mm_or_si128(x, case), _mm_set1_epi8(b'a' as i8));
            let is_letter = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(25)), letter);
            let digit = _mm_sub_epi8(x, _mm_set1_epi8(b'0' as i8));
            let is_digit = _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit);
            _mm_storeu_si128(to.add(16 * i).cast(), _mm_or_si128(x, _mm_and_si128(is_letter, case)));
            word |= u64::from(_mm_movemask_epi8(_mm_or_si128(is_letter, is_digit)) as u16) << (16 * i);
            high |= u64::from(_mm_movemask_epi8(x) as u16) << (16 * i);
        }
    }
    (word, high)
}

#[inline(always)]
unsafe fn write_edges(edge: *mut u32, mut changes: u64, base: u32) -> *mut u32 {
    let count = changes.count_ones() as usize;
    // SAFETY: the caller has room for 64 + UNROLLED edges.
    unsafe {
        for i in 0..UNROLLED {
            *edge.add(i) = base + changes.trailing_zeros();
            changes &= changes.wrapping_sub(1);
        }
        let mut i = UNROLLED;
        while i < count {
            *edge.add(i) = base + changes.trailing_zeros();
            changes &= changes.wrapping_sub(1);
            i += 1;
        }
        edge.add(count)
    }
}
