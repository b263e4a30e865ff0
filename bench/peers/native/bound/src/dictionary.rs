//! Sorted terms in blocks of 64, front-coded, and an index with the first term of each block.

use crate::out::Out;
use crate::postings::Counts;

const BLOCK_TERMS: usize = 64;

/// The three byte streams of a range of terms, and its counts.
#[derive(Default)]
pub struct Dictionary {
    pub terms: Out,
    pub index: Out,
    pub count: usize,
    last: Vec<u8>,
    last_key: u64,
    last_len: usize,
    block_at: usize,
    block_postings: usize,
    block_count: usize,
}

impl Dictionary {
    pub fn clear(&mut self) {
        self.terms.clear();
        self.index.clear();
        (self.count, self.block_at, self.block_postings, self.block_count) = (0, 0, 0, 0);
    }

    /// Adds the next term in order. `key` = its first eight bytes, big-endian; `more` = occurrences beyond one a document (text only).
    #[inline(always)]
    pub fn add(&mut self, key: u64, term: &[u8], counts: Counts, more: Option<u32>) {
        self.terms.reserve(term.len() + 40);
        let shared = if self.block_count == 0 {
            self.index.reserve(term.len() + 40);
            self.index.varint(term.len() as u32);
            self.index.slice(term);
            0
        } else {
            self.shared(key, term)
        };
        let out = &mut self.terms;
        out.varint(shared as u32);
        out.varint((term.len() - shared) as u32);
        if term.len() <= 8 {
            out.word(key.swap_bytes() >> (8 * shared as u32 & 63), term.len() - shared);
        } else {
            out.slice(&term[shared..]);
        }
        out.varint(counts.doc_freq);
        if let Some(more) = more {
            out.varint(more);
        }
        out.varint(counts.bytes);
        if counts.doc_freq >= 128 {
            out.varint(counts.skip_bytes);
        }
        // What fits into the key is compared by it; only what lies behind is kept.
        self.last.clear();
        self.last.extend_from_slice(term.get(8..).unwrap_or(&[]));
        (self.last_key, self.last_len) = (key, term.len());
        self.block_postings += counts.bytes as usize;
        self.block_count += 1;
        self.count += 1;
        if self.block_count == BLOCK_TERMS {
            self.close_block();
        }
    }

    #[inline(always)]
    fn shared(&self, key: u64, term: &[u8]) -> usize {
        let most = term.len().min(self.last_len);
        let same = (key ^ self.last_key).leading_zeros() as usize / 8;
        if same < 8 || most <= 8 {
            return same.min(most);
        }
        8 + term[8..].iter().zip(&self.last).take_while(|(a, b)| a == b).count()
    }

    /// Ends the block under way, if there is one; a range of terms ends its last one early.
    pub fn close_block(&mut self) {
        if self.block_count == 0 {
            return;
        }
        self.index.reserve(32);
        self.index.varint(self.block_count as u32);
        self.index.varint((self.terms.len() - self.block_at) as u32);
        self.index.varint(self.block_postings as u32);
        (self.block_at, self.block_postings, self.block_count) = (self.terms.len(), 0, 0);
    }
}
