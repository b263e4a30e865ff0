//! From a stream of term ids to one list a term, in term order: the terms are sorted, then a counting sort brings each one's
//! occurrences together.

use crate::memory::{Big, prefetch};
use crate::terms::Terms;

/// One occurrence: document and position in one number, 4 bytes wide where both fit.
pub trait Entry: Copy + Send + Sync + 'static {
    fn new(doc: u64, position: u32, position_bits: u32) -> Self;
    fn doc(self, position_bits: u32) -> u32;
    fn position(self, position_bits: u32) -> u32;
}

macro_rules! entry {
    ($type:ty) => {
        impl Entry for $type {
            #[inline(always)]
            fn new(doc: u64, position: u32, position_bits: u32) -> Self {
                (doc << position_bits) as $type | position as $type & ((1 << position_bits) - 1)
            }
            #[inline(always)]
            fn doc(self, position_bits: u32) -> u32 {
                (self >> position_bits) as u32
            }
            #[inline(always)]
            fn position(self, position_bits: u32) -> u32 {
                (self & ((1 << position_bits) - 1)) as u32
            }
        }
    };
}
entry!(u32);
entry!(u64);

/// Tokens ahead for which a cursor, and its place in the list, are fetched.
const FAR: usize = 32;
const NEAR: usize = 16;

/// What one thread holds of one field.
#[derive(Default)]
pub struct Field {
    pub terms: Terms,
    /// Term id of every token, document by document.
    pub stream: Big<u32>,
    pub stream_len: usize,
    /// Tokens (or values) of each document.
    pub per_doc: Vec<u32>,
    /// (key << 64 | id) in term order.
    pub order: Big<u128>,
    /// Where the list of the k-th term in order begins; one more for the end.
    pub starts: Big<u32>,
    cursors: Big<u32>,
    pub narrow: Big<u32>,
    pub wide: Big<u64>,
}

pub fn id_of(ordered: u128) -> u32 {
    ordered as u32
}

pub fn key_of(ordered: u128) -> u64 {
    (ordered >> 64) as u64
}

impl Field {
    pub fn clear(&mut self) {
        self.terms.clear();
        self.stream_len = 0;
        self.per_doc.clear();
    }

    /// Room in the stream for `more` ids.
    pub fn stream_tail(&mut self, more: usize) -> &mut [u32] {
        if self.stream.len() < self.stream_len + more {
            self.stream.set_len((self.stream_len + more) * 3 / 2);
        }
        &mut self.stream[self.stream_len..self.stream_len + more]
    }

    /// Sorts the terms by their bytes.
    pub fn sort(&mut self) {
        let terms = &self.terms;
        self.order.set_len(terms.len());
        for (id, (slot, key)) in self.order.iter_mut().zip(terms.keys.iter()).enumerate() {
            *slot = u128::from(*key) << 64 | id as u128;
        }
        self.order.sort_unstable();
        refine_all(&mut self.order, terms);
    }

    /// Lists by the number of each term's occurrences. The tables counted the tokens; values are counted here.
    pub fn place(&mut self, is_text: bool) {
        if is_text {
            self.terms.counts_into(&mut self.cursors);
        } else {
            self.cursors.reset_zeroed(self.terms.len());
            self.stream[..self.stream_len].iter().for_each(|id| self.cursors[*id as usize] += 1);
        }
        self.starts.set_len(self.order.len() + 1);
        let mut sum = 0;
        for (k, ordered) in self.order.iter().enumerate() {
            let cursor = &mut self.cursors[id_of(*ordered) as usize];
            self.starts[k] = sum;
            sum += std::mem::replace(cursor, sum);
        }
        self.starts[self.order.len()] = sum;
    }

    /// Every occurrence to its term's list. With 0 `position_bits` entries are documents alone.
    pub fn scatter<E: Entry>(&mut self, first_doc: usize, position_bits: u32, entries: impl Fn(&mut Self) -> &mut Big<E>) {
        let mut out = std::mem::take(entries(self));
        out.set_len(self.stream_len);
        let ids = &self.stream[..self.stream_len];
        let mut at = 0;
        for (doc, tokens) in self.per_doc.iter().enumerate() {
            for position in 0..*tokens {
                // SAFETY: the documents' tokens add up to the stream's length; ids are below the number of terms; cursors stay within
                // their lists, which lie within `out`.
                unsafe {
                    if at + FAR < ids.len() {
                        prefetch(self.cursors.as_ptr().add(*ids.get_unchecked(at + FAR) as usize));
                        let near = *self.cursors.get_unchecked(*ids.get_unchecked(at + NEAR) as usize);
                        prefetch(out.as_ptr().add(near as usize));
                    }
                    let cursor = self.cursors.get_unchecked_mut(*ids.get_unchecked(at) as usize);
                    *out.get_unchecked_mut(*cursor as usize) = E::new((first_doc + doc) as u64, position, position_bits);
                    *cursor += 1;
                }
                at += 1;
            }
        }
        *entries(self) = out;
    }
}

fn each_run(order: &mut [u128], mut use_run: impl FnMut(&mut [u128])) {
    let mut begin = 0;
    while begin < order.len() {
        let key = key_of(order[begin]);
        let mut end = begin + 1;
        while end < order.len() && key_of(order[end]) == key {
            end += 1;
        }
        if end - begin > 1 {
            use_run(&mut order[begin..end]);
        }
        begin = end;
    }
}

/// Sorts terms that agree in their first eight bytes by the next eight, then by what is left.
fn refine_all(order: &mut [u128], terms: &Terms) {
    const FAR: usize = 32;
    let whole = order.as_ptr();
    let len = order.len();
    let mut done = 0;
    each_run(order, |run| {
        let at = (run.as_ptr() as usize - whole as usize) / size_of::<u128>();
        // Which terms come next is known; where they stand is all over the place.
        for ahead in (at + FAR).max(done)..(at + run.len() + FAR).min(len) {
            // SAFETY: below the length; nothing is written through this pointer, and a stale id is as good for a hint.
            let id = id_of(unsafe { whole.add(ahead).read() });
            prefetch(terms.rests.as_ptr().wrapping_add(id as usize));
        }
        done = at + run.len() + FAR;
        let key = key_of(run[0]);
        for slot in run.iter_mut() {
            *slot = u128::from(terms.rests[id_of(*slot) as usize]) << 64 | u128::from(id_of(*slot));
        }
        run.sort_unstable();
        // Eight bytes that end in a zero have no more behind them, but values may hold zero bytes themselves.
        each_run(run, |run| refine(run, 16, terms));
        for slot in run {
            *slot = u128::from(key) << 64 | u128::from(id_of(*slot));
        }
    });
}

const MAX_DEPTH: usize = 256;

/// Sorts terms that agree in their first `depth` bytes; their keys stay as they are.
fn refine(run: &mut [u128], depth: usize, terms: &Terms) {
    if depth >= MAX_DEPTH {
        return run.sort_unstable_by(|a, b| terms.term(id_of(*a)).cmp(terms.term(id_of(*b))).then(a.cmp(b)));
    }
    let key = key_of(run[0]);
    let mut ends = false;
    for slot in run.iter_mut() {
        let id = id_of(*slot);
        let term = terms.term(id);
        ends |= term.len() <= depth;
        let rest = term.get(depth..).unwrap_or(&[]);
        let mut next = [0; 8];
        let n = rest.len().min(8);
        next[..n].copy_from_slice(&rest[..n]);
        *slot = u128::from(u64::from_be_bytes(next)) << 64 | u128::from(id);
    }
    // Where one ends here, zero bytes and no bytes have to be told apart.
    run.sort_unstable();
    each_run(run, |run| refine(run, if ends { MAX_DEPTH } else { depth + 8 }, terms));
    for slot in run {
        *slot = u128::from(key) << 64 | u128::from(id_of(*slot));
    }
}
