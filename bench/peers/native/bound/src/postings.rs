//! One posting list at a time, in the layout of README.md: packed blocks of 128 documents, a tail of varints, skip data.

use crate::invert::Entry;
use crate::out::Out;
use crate::pack::width_of;

const BLOCK: usize = 128;
/// Fewer positions than this are varints: a packed row would not be smaller.
const SHORT_ROW: usize = 16;

/// Worst bytes of one occurrence: gap, frequency and position of five bytes each, and its share of block heads and skip data.
const WORST_BYTES: usize = 24;

/// Gathers a list's documents until a block is full.
pub struct Encoder {
    docs: [u32; BLOCK],
    /// Behind the last position of each document.
    ends: [u32; BLOCK],
    n: usize,
    positions: Vec<u32>,
    filled: usize,
    doc: u32,
    position: u32,
    last_doc: u32,
    blocks: u32,
    skip: Out,
    last_skipped: u32,
    doc_freq: u32,
}

#[derive(Clone, Copy)]
pub struct Counts {
    pub doc_freq: u32,
    pub bytes: u32,
    pub skip_bytes: u32,
}

/// No document: the one before the first.
const NONE: u32 = u32::MAX;

impl Encoder {
    pub fn new() -> Self {
        Encoder {
            docs: [0; BLOCK],
            ends: [0; BLOCK],
            n: 0,
            positions: Vec::new(),
            filled: 0,
            doc: NONE,
            position: 0,
            last_doc: NONE,
            blocks: 0,
            skip: Out::default(),
            last_skipped: NONE,
            doc_freq: 0,
        }
    }

    /// The list whose occurrences stand in `lists`, one behind the other.
    #[inline(always)]
    pub fn text<E: Entry>(&mut self, lists: &[&[E]], position_bits: u32, norms: &[u8], out: &mut Out) -> Counts {
        let begin = out.len();
        let count: usize = lists.iter().map(|l| l.len()).sum();
        out.reserve(count * WORST_BYTES + 64);
        if count == 1 {
            let one = lists.iter().find_map(|l| l.first()).map_or((0, 0), |e| (e.doc(position_bits), e.position(position_bits)));
            out.varint(one.0 << 1 | 1);
            out.varint(one.1);
            return Counts { doc_freq: 1, bytes: (out.len() - begin) as u32, skip_bytes: 0 };
        }
        self.begin();
        for list in lists {
            self.feed(list, position_bits, norms, out);
        }
        if self.n == BLOCK {
            self.text_block(norms, out);
        }
        let doc_freq = self.doc_freq + self.n as u32;
        if self.n > 0 {
            self.text_tail(norms, out);
        }
        self.end(begin, doc_freq, out)
    }

    fn begin(&mut self) {
        self.n = 0;
        self.filled = 0;
        self.doc = NONE;
        self.position = 0;
        self.last_doc = NONE;
        self.last_skipped = NONE;
        self.blocks = 0;
        self.doc_freq = 0;
        self.skip.clear();
    }

    fn end(&mut self, begin: usize, doc_freq: u32, out: &mut Out) -> Counts {
        if self.blocks > 0 {
            out.reserve(self.skip.len());
            out.slice(self.skip.bytes());
        }
        let skip_bytes = if self.blocks > 0 { self.skip.len() as u32 } else { 0 };
        Counts { doc_freq, bytes: (out.len() - begin) as u32, skip_bytes }
    }

    #[inline(always)]
    fn feed<E: Entry>(&mut self, list: &[E], position_bits: u32, norms: &[u8], out: &mut Out) {
        if self.positions.len() < self.filled + list.len() {
            self.positions.resize((self.filled + list.len()) * 2 + BLOCK, 0);
        }
        let (mut doc, mut position, mut n, mut filled) = (self.doc, self.position, self.n, self.filled);
        for entry in list {
            let (next, at) = (entry.doc(position_bits), entry.position(position_bits));
            let is_new = next != doc;
            if is_new && n == BLOCK {
                (self.n, self.filled) = (n, filled);
                self.text_block(norms, out);
                (n, filled) = (0, 0);
            }
            n += usize::from(is_new);
            // SAFETY: 1 <= n <= BLOCK, since the first entry is new and a full block was emptied above; `filled` was given room.
            unsafe {
                *self.docs.get_unchecked_mut(n - 1) = next;
                *self.positions.get_unchecked_mut(filled) = at - if is_new { 0 } else { position };
                filled += 1;
                *self.ends.get_unchecked_mut(n - 1) = filled as u32;
            }
            (doc, position) = (next, at);
        }
        (self.doc, self.position, self.n, self.filled) = (doc, position, n, filled);
    }

    fn text_block(&mut self, norms: &[u8], out: &mut Out) {
        let begin = out.len();
        let (mut gaps, mut freqs) = ([0; BLOCK], [0; BLOCK]);
        out.varint(self.docs[0].wrapping_sub(self.last_doc).wrapping_sub(1));
        freqs[0] = self.ends[0] - 1;
        for i in 1..BLOCK {
            gaps[i] = self.docs[i] - self.docs[i - 1] - 1;
            freqs[i] = self.ends[i] - self.ends[i - 1] - 1;
        }
        let (gap_bits, freq_bits) = (width_of(&gaps), width_of(&freqs));
        out.byte(gap_bits as u8);
        out.byte(freq_bits as u8);
        out.packed_128(&gaps, gap_bits);
        out.packed_128(&freqs, freq_bits);
        let before = out.len();
        write_positions(&self.positions[..self.filled], out);
        self.last_doc = self.docs[BLOCK - 1];
        self.skip_entry(begin, before, freqs.iter().fold(0, |a, f| a.max(*f)) + 1, norms, out);
        self.blocks += 1;
        self.doc_freq += BLOCK as u32;
        (self.n, self.filled) = (0, 0);
    }

    fn text_tail(&mut self, norms: &[u8], out: &mut Out) {
        let (begin, mut end, mut max_freq) = (out.len(), 0, 0);
        let mut last = self.last_doc;
        for (doc, behind) in self.docs[..self.n].iter().zip(&self.ends) {
            let (gap, freq) = (doc.wrapping_sub(last).wrapping_sub(1), behind - end);
            out.varint(gap << 1 | u32::from(freq == 1));
            if freq != 1 {
                out.varint(freq - 2);
            }
            (last, end, max_freq) = (*doc, *behind, max_freq.max(freq));
        }
        let before = out.len();
        write_positions(&self.positions[..self.filled], out);
        self.last_doc = last;
        if self.blocks > 0 {
            self.skip_entry(begin, before, max_freq, norms, out);
        }
    }

    /// What a reader needs to leave a block out: where it ends, and the best it could score.
    fn skip_entry(&mut self, begin: usize, before_positions: usize, max_freq: u32, norms: &[u8], out: &Out) {
        let min_norm = self.docs[..self.n].iter().map(|d| norms[*d as usize]).fold(u8::MAX, u8::min);
        self.skip.reserve(32);
        self.skip.varint(self.last_doc.wrapping_sub(self.last_skipped));
        self.skip.varint((out.len() - begin) as u32);
        self.skip.varint((out.len() - before_positions) as u32);
        self.skip.varint(max_freq);
        self.skip.byte(min_norm);
        self.last_skipped = self.last_doc;
    }

    /// The same for documents alone, ascending and distinct.
    pub fn keyword(&mut self, docs: &[u32], out: &mut Out) -> Counts {
        let begin = out.len();
        out.reserve(docs.len() * WORST_BYTES + 64);
        self.begin();
        let (blocks, tail) = docs.as_chunks::<BLOCK>();
        for block in blocks {
            let at = out.len();
            let mut gaps = [0; BLOCK];
            out.varint(block[0].wrapping_sub(self.last_doc).wrapping_sub(1));
            for i in 1..BLOCK {
                gaps[i] = block[i] - block[i - 1] - 1;
            }
            let bits = width_of(&gaps);
            out.byte(bits as u8);
            out.packed_128(&gaps, bits);
            self.last_doc = block[BLOCK - 1];
            self.keyword_skip(at, out);
            self.blocks += 1;
        }
        let at = out.len();
        for doc in tail {
            out.varint(doc.wrapping_sub(self.last_doc).wrapping_sub(1));
            self.last_doc = *doc;
        }
        if self.blocks > 0 && !tail.is_empty() {
            self.keyword_skip(at, out);
        }
        self.end(begin, docs.len() as u32, out)
    }

    fn keyword_skip(&mut self, begin: usize, out: &Out) {
        self.skip.reserve(16);
        self.skip.varint(self.last_doc.wrapping_sub(self.last_skipped));
        self.skip.varint((out.len() - begin) as u32);
        self.last_skipped = self.last_doc;
    }
}

/// Groups of 128 packed in lanes, then the rest as varints or packed in a row.
#[inline(always)]
fn write_positions(values: &[u32], out: &mut Out) {
    let (groups, rest) = values.as_chunks::<128>();
    for group in groups {
        let bits = width_of(group);
        out.byte(bits as u8);
        out.packed_128(group, bits);
    }
    if rest.len() < SHORT_ROW {
        for value in rest {
            out.varint(*value);
        }
    } else {
        let bits = width_of(rest);
        out.byte(bits as u8);
        out.packed_row(rest.iter().map(|v| u64::from(*v)), bits);
    }
}
