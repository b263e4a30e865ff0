//! The second half of a build, in pieces of work that any thread may take: ranges of a text field's terms, whole keyword fields, norms.

use peer::Result;

use crate::dictionary::Dictionary;
use crate::invert::{Entry, Field, id_of, key_of};
use crate::memory::{Big, prefetch};
use crate::out::Out;
use crate::postings::Encoder;
use crate::segment::{Piece, Range, Segment};

/// Buffers that a thread keeps from one piece of work to the next.
pub struct Scratch {
    encoder: Encoder,
    postings: Out,
    dictionary: Dictionary,
}

impl Scratch {
    pub fn new() -> Self {
        Scratch { encoder: Encoder::new(), postings: Out::default(), dictionary: Dictionary::default() }
    }

    fn clear(&mut self) {
        self.postings.clear();
        self.dictionary.clear();
    }

    fn write(&mut self, segment: &Segment, field: usize, part: usize, tokens: u64) -> Result<()> {
        self.dictionary.close_block();
        let (postings, terms, index) = (self.postings.bytes(), self.dictionary.terms.bytes(), self.dictionary.index.bytes());
        let offset = segment.append(&[postings, terms, index])?;
        let range = Range {
            offset,
            postings: postings.len() as u64,
            terms: terms.len() as u64,
            index: index.len() as u64,
            count: self.dictionary.count as u64,
            tokens,
        };
        Ok(segment.add(Piece::Terms { field, part, range }))
    }
}

/// For each part, where it begins in each thread's terms; one more for the end. Parts have about equal numbers of tokens.
pub fn cut(fields: &[&Field], tokens_a_part: usize) -> Vec<Vec<usize>> {
    let longest = fields.iter().max_by_key(|f| f.stream_len).expect("at least one thread");
    let total: usize = fields.iter().map(|f| f.stream_len).sum();
    let parts = total.div_ceil(tokens_a_part).max(1);
    let mut cuts = vec![vec![0; fields.len()]];
    for part in 1..parts {
        let wanted = (longest.stream_len as u64 * part as u64 / parts as u64) as u32;
        let k = longest.starts.partition_point(|s| *s < wanted).min(longest.order.len());
        if k == longest.order.len() {
            break;
        }
        let (key, term) = (key_of(longest.order[k]), longest.terms.term(id_of(longest.order[k])));
        let below = |f: &Field, o: u128| key_of(o) < key || key_of(o) == key && f.terms.term(id_of(o)) < term;
        cuts.push(fields.iter().map(|f| f.order.partition_point(|o| below(f, *o))).collect());
    }
    cuts.push(fields.iter().map(|f| f.order.len()).collect());
    cuts
}

/// A place in one thread's sorted terms.
struct Cursor<'a> {
    field: &'a Field,
    at: usize,
    end: usize,
}

impl Cursor<'_> {
    #[inline(always)]
    fn key(&self) -> u64 {
        if self.at < self.end { key_of(self.field.order[self.at]) } else { u64::MAX }
    }

    #[inline(always)]
    fn term(&self) -> &[u8] {
        self.field.terms.term(id_of(self.field.order[self.at]))
    }

    #[inline(always)]
    fn rest(&self) -> u64 {
        self.field.terms.rests[id_of(self.field.order[self.at]) as usize]
    }

    /// What does not fit into a term's key stands in order of first occurrence: every look at it is a cache miss.
    #[inline(always)]
    fn prefetch<const TEXT: bool>(&self) {
        const FAR: usize = 16;
        if self.at + FAR >= self.end {
            return;
        }
        let terms = &self.field.terms;
        let far = id_of(self.field.order[self.at + FAR]) as usize;
        if TEXT {
            prefetch(terms.rests.as_ptr().wrapping_add(far));
        } else {
            prefetch(terms.offsets.as_ptr().wrapping_add(far));
            let near = id_of(self.field.order[self.at + FAR / 2]) as usize;
            prefetch(terms.bytes.as_ptr().wrapping_add(terms.offsets[near] as usize));
        }
    }

    #[inline(always)]
    fn list<'b, E: Copy>(&self, entries: &'b Big<E>) -> &'b [E] {
        &entries[self.field.starts[self.at] as usize..self.field.starts[self.at + 1] as usize]
    }
}

/// Calls `use_term(key, term, holders)` for every distinct term of the cursors in order; `holders` = bits of the cursors that stand on it.
#[inline(always)]
fn merge<const TEXT: bool>(cursors: &mut [Cursor], mut use_term: impl FnMut(&[Cursor], u64, &[u8], u32)) {
    loop {
        let (mut best, mut key, mut holders) = (usize::MAX, u64::MAX, 0u32);
        for (i, cursor) in cursors.iter().enumerate().filter(|(_, c)| c.at < c.end) {
            let own = cursor.key();
            let order = match best {
                usize::MAX => std::cmp::Ordering::Less,
                // Tokens hold no zero byte, so those of less than eight bytes are told by their key.
                _ if own != key || TEXT && own & 0xff == 0 => own.cmp(&key),
                _ => match (cursor.rest(), cursors[best].rest()) {
                    (a, b) if a != b || TEXT && a & 0xff == 0 => a.cmp(&b),
                    _ => cursor.term().cmp(cursors[best].term()),
                },
            };
            if order.is_lt() {
                (best, key, holders) = (i, own, 0);
            }
            if order.is_le() {
                holders |= 1 << i;
            }
        }
        if best == usize::MAX {
            return;
        }
        let rest = if TEXT && key & 0xff != 0 { cursors[best].rest() } else { 0 };
        if TEXT && rest & 0xff == 0 {
            let bytes = (u128::from(key) << 64 | u128::from(rest)).to_be_bytes();
            let length = 16 - (u128::from(key) << 64 | u128::from(rest)).trailing_zeros() as usize / 8;
            use_term(cursors, key, &bytes[..length], holders);
        } else {
            use_term(cursors, key, cursors[best].term(), holders);
        }
        for (i, cursor) in cursors.iter_mut().enumerate() {
            cursor.at += (holders >> i & 1) as usize;
            cursor.prefetch::<TEXT>();
        }
    }
}

/// More threads than this would need wider sets of holders.
pub const MAX_THREADS: usize = 32;

/// One range of a text field's terms.
pub struct TextRange<'a, E: Copy> {
    pub field: usize,
    pub part: usize,
    pub fields: &'a [&'a Field],
    pub entries: &'a [&'a Big<E>],
    pub begin: &'a [usize],
    pub end: &'a [usize],
    pub position_bits: u32,
    pub norms: &'a [u8],
}

pub fn write_text<E: Entry>(scratch: &mut Scratch, segment: &Segment, range: &TextRange<E>) -> Result<()> {
    scratch.clear();
    let bounds = range.begin.iter().zip(range.end);
    let mut cursors: Vec<Cursor> = range.fields.iter().zip(bounds).map(|(field, (at, end))| Cursor { field, at: *at, end: *end }).collect();
    let mut tokens = 0;
    let mut lists: Vec<&[E]> = Vec::with_capacity(MAX_THREADS);
    let Scratch { encoder, postings, dictionary } = scratch;
    merge::<true>(&mut cursors, |cursors, key, term, holders| {
        lists.clear();
        let mut count = 0;
        for (i, cursor) in cursors.iter().enumerate() {
            if holders >> i & 1 != 0 {
                let list = cursor.list(range.entries[i]);
                count += list.len();
                lists.push(list);
            }
        }
        let counts = encoder.text(&lists, range.position_bits, range.norms, postings);
        tokens += count as u64;
        dictionary.add(key, term, counts, Some(count as u32 - counts.doc_freq));
    });
    scratch.write(segment, range.field, range.part, tokens)
}

/// A whole keyword field: its terms, and for every document the ordinals of its terms.
pub fn write_keyword(scratch: &mut Scratch, segment: &Segment, number: usize, fields: &[&Field]) -> Result<()> {
    scratch.clear();
    let mut cursors: Vec<Cursor> = fields.iter().map(|field| Cursor { field, at: 0, end: field.order.len() }).collect();
    let mut ordinals: Vec<Vec<u32>> = fields.iter().map(|f| vec![0; f.terms.len()]).collect();
    let (mut docs, mut values) = (Vec::new(), 0);
    // Ids are not interned: the same one may stand in a thread's terms more than once, and is one term all the same.
    let (mut pending, mut pending_key): (Option<Vec<u8>>, u64) = (None, 0);
    let Scratch { encoder, postings, dictionary } = scratch;
    let mut flush = |key: u64, term: &[u8], docs: &mut Vec<u32>, dictionary: &mut Dictionary| {
        docs.dedup();
        let counts = encoder.keyword(docs, postings);
        dictionary.add(key, term, counts, None);
        values += docs.len() as u64;
        docs.clear();
    };
    merge::<false>(&mut cursors, |cursors, key, term, holders| {
        if pending.as_deref() != Some(term) || pending_key != key {
            if let Some(before) = &pending {
                flush(pending_key, before, &mut docs, dictionary);
            }
            let kept = pending.get_or_insert_default();
            kept.clear();
            kept.extend_from_slice(term);
            pending_key = key;
        }
        let again = !docs.is_empty();
        for (i, cursor) in cursors.iter().enumerate().filter(|(i, _)| holders >> i & 1 != 0) {
            docs.extend_from_slice(cursor.list(&cursor.field.narrow));
            ordinals[i][id_of(cursor.field.order[cursor.at]) as usize] = dictionary.count as u32;
        }
        if again {
            docs.sort_unstable();
        }
    });
    if let Some(last) = &pending {
        flush(pending_key, last, &mut docs, dictionary);
    }
    let column = ordinals_column(fields, &ordinals, dictionary.count, values as usize);
    let offset = segment.append(&[column.bytes()])?;
    segment.add(Piece::Section { field: number, name: "ordinals", offset, length: column.len() as u64 });
    scratch.write(segment, number, 0, values)
}

fn bits_of(max: usize) -> u32 {
    usize::BITS - max.leading_zeros()
}

/// `u8 multi, u8 ordinal bits, u8 offset bits, u8 zero, u32 values`, then rows of packed numbers as in docs/segment-format.md.
fn ordinals_column(fields: &[&Field], ordinals: &[Vec<u32>], terms: usize, values: usize) -> Out {
    let docs: usize = fields.iter().map(|f| f.per_doc.len()).sum();
    let multi = fields.iter().any(|f| f.per_doc.iter().any(|n| *n > 1));
    let mut out = Out::default();
    out.reserve(64 + 8 * (docs + values));
    let ordinal_bits = if multi { bits_of(terms.saturating_sub(1)) } else { bits_of(terms) };
    let offset_bits = if multi { bits_of(values) } else { 0 };
    out.slice(&[u8::from(multi), ordinal_bits as u8, offset_bits as u8, 0]);
    out.slice(&(values as u32).to_le_bytes());
    let counts = || fields.iter().flat_map(|f| f.per_doc.iter().copied());
    let numbers = fields.iter().zip(ordinals).flat_map(|(f, map)| f.stream[..f.stream_len].iter().map(|id| map[*id as usize]));
    if multi {
        let mut sum = 0u64;
        let offsets = std::iter::once(0).chain(counts().map(|n| {
            sum += u64::from(n);
            sum
        }));
        out.packed_row(offsets, offset_bits);
        out.word(0, 8);
        let mut sorted: Vec<u32> = numbers.collect();
        let mut at = 0;
        for n in counts() {
            sorted[at..at + n as usize].sort_unstable();
            at += n as usize;
        }
        out.packed_row(sorted.into_iter().map(u64::from), ordinal_bits);
    } else {
        let mut numbers = numbers;
        out.packed_row(counts().map(|n| if n == 0 { 0 } else { u64::from(numbers.next().unwrap_or(0)) + 1 }), ordinal_bits);
    }
    out.word(0, 8);
    out
}

/// Lucene's SmallFloat.intToByte4: exact below 40, four significant bits beyond.
pub fn norm_of(tokens: u32) -> u8 {
    const FREE: u32 = 24;
    if tokens < FREE {
        return tokens as u8;
    }
    let value = tokens - FREE;
    let bits = 32 - value.leading_zeros();
    if bits < 4 {
        return (FREE + value) as u8;
    }
    let shift = bits - 4;
    (FREE + ((value >> shift & 7) | (shift + 1) << 3)) as u8
}

pub fn write_section(segment: &Segment, field: usize, name: &'static str, bytes: &[u8]) -> Result<()> {
    let offset = segment.append(&[bytes])?;
    Ok(segment.add(Piece::Section { field, name, offset, length: bytes.len() as u64 }))
}
