//! Terms of one field, interned: byte string -> dense id in order of first occurrence. Three tables by length, so that words of up to
//! 16 bytes (nearly all) are compared whole within their slot, without a look at the term itself.

use crate::memory::{Big, prefetch};

/// Words of 1 to 8 bytes: the zero-padded word is the key. Tokens hold no zero byte, so 0 is an empty slot.
#[derive(Clone, Copy)]
struct Short {
    word: u64,
    id: u32,
    count: u32,
}

/// Words of 9 to 16 bytes.
#[derive(Clone, Copy)]
struct Middle {
    word: u64,
    rest: u64,
    id: u32,
    count: u32,
    _pad: u64,
}

/// Anything else: a hash, then the bytes themselves. `count` 0 is an empty slot.
#[derive(Clone, Copy)]
struct Long {
    hash: u64,
    id: u32,
    count: u32,
}

#[derive(Clone, Copy, Default)]
struct Waiting {
    word: u64,
    token: u32,
}

#[derive(Default)]
pub struct Terms {
    short: Big<Short>,
    middle: Big<Middle>,
    long: Big<Long>,
    used: [usize; 3],
    /// First eight bytes, big-endian, zero-padded: orders as the bytes do. `rests` = the next eight.
    pub keys: Big<u64>,
    pub rests: Big<u64>,
    /// Where a term's bytes begin; the last entry is the end of all.
    pub offsets: Big<u32>,
    pub bytes: Big<u8>,
    waiting: Vec<Waiting>,
    waiting_long: Vec<u32>,
}

const HASH: u64 = 0x9e37_79b9_7f4a_7c15;
const HASH_REST: u64 = 0xc2b2_ae3d_27d4_eb4f;
/// Slots at the start; doubling costs less than clearing large tables for small fields.
const FIRST_SLOTS: usize = 1 << 14;
/// Bytes readable behind `bytes`.
const SLACK: usize = 16;

static MASKS: [u64; 9] = [0, 0xff, 0xffff, 0xff_ffff, 0xffff_ffff, 0xff_ffff_ffff, 0xffff_ffff_ffff, 0xff_ffff_ffff_ffff, u64::MAX];

#[inline(always)]
fn slot_of(hash: u64, slots: usize) -> usize {
    (hash >> (64 - slots.trailing_zeros())) as usize
}

#[inline(always)]
unsafe fn load(at: *const u8) -> u64 {
    // SAFETY: the caller vouches for eight readable bytes.
    unsafe { at.cast::<u64>().read_unaligned() }
}

#[inline(always)]
fn hash_two(word: u64, rest: u64) -> u64 {
    (word.wrapping_mul(HASH) ^ rest).wrapping_mul(HASH_REST)
}

fn hash_long(bytes: &[u8]) -> u64 {
    let mut hash = bytes.len() as u64;
    for part in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..part.len()].copy_from_slice(part);
        hash = hash_two(hash.rotate_left(29), u64::from_le_bytes(word));
    }
    hash
}

impl Terms {
    /// Forgets all terms; memory stays.
    pub fn clear(&mut self) {
        self.short.reset_zeroed(FIRST_SLOTS);
        self.middle.reset_zeroed(FIRST_SLOTS);
        self.long.reset_zeroed(FIRST_SLOTS);
        self.used = [0; 3];
        self.keys.set_len(0);
        self.rests.set_len(0);
        self.bytes.set_len(0);
        self.offsets.set_len(0);
        self.offsets.push(0);
    }

    pub fn len(&self) -> usize {
        self.keys.len()
    }

    pub fn term(&self, id: u32) -> &[u8] {
        &self.bytes[self.offsets[id as usize] as usize..self.offsets[id as usize + 1] as usize]
    }

    /// Interns tokens given as (begin, end) pairs of `text`, behind which 16 bytes are readable, and writes their ids to `out`.
    pub fn intern(&mut self, text: &[u8], edges: &[u32], out: &mut [u32]) {
        let tokens = edges.len() / 2;
        assert!(out.len() >= tokens);
        self.make_room(tokens);
        if self.waiting.len() < tokens + 1 {
            self.waiting.resize(tokens + 1, Waiting::default());
            self.waiting_long.resize(tokens + 1, 0);
        }
        let (mut short_count, mut long_count) = (0, 0);
        for token in 0..tokens {
            // SAFETY: edges come from the tokenizer, which keeps them within the text and its slack; both queues have room.
            unsafe {
                let begin = *edges.get_unchecked(2 * token);
                let length = (*edges.get_unchecked(2 * token + 1) - begin) as usize;
                let word = load(text.as_ptr().add(begin as usize)) & MASKS[length.min(8)];
                let is_short = length <= 8;
                *self.waiting.get_unchecked_mut(short_count) = Waiting { word, token: token as u32 };
                *self.waiting_long.get_unchecked_mut(long_count) = token as u32;
                short_count += usize::from(is_short);
                long_count += usize::from(!is_short);
                prefetch(self.short.as_ptr().add(slot_of(word.wrapping_mul(HASH), self.short.len())));
            }
        }
        for i in 0..long_count {
            let token = self.waiting_long[i] as usize;
            let begin = edges[2 * token] as usize;
            let length = edges[2 * token + 1] as usize - begin;
            if length <= 16 {
                // SAFETY: 16 bytes from a token's begin are readable.
                let hash = unsafe { hash_two(load(text.as_ptr().add(begin)), load(text.as_ptr().add(begin + 8)) & MASKS[length - 8]) };
                prefetch(&self.middle[slot_of(hash, self.middle.len())]);
            }
        }
        for i in 0..short_count {
            let Waiting { word, token } = self.waiting[i];
            let id = self.intern_short(word);
            // SAFETY: `out` is as long as there are tokens.
            unsafe { *out.get_unchecked_mut(token as usize) = id };
        }
        for i in 0..long_count {
            let token = self.waiting_long[i] as usize;
            let (begin, end) = (edges[2 * token] as usize, edges[2 * token + 1] as usize);
            out[token] = if end - begin <= 16 {
                // SAFETY: as above.
                let (word, rest) = unsafe { (load(text.as_ptr().add(begin)), load(text.as_ptr().add(begin + 8)) & MASKS[end - begin - 8]) };
                self.intern_middle(word, rest)
            } else {
                self.intern_long(&text[begin..end])
            };
        }
    }

    /// Interns any one byte string, such as a keyword.
    pub fn intern_one(&mut self, bytes: &[u8]) -> u32 {
        self.make_room(1);
        if bytes.is_empty() || bytes.len() > 16 || bytes.contains(&0) {
            return self.intern_long(bytes);
        }
        let mut two = [0; 16];
        two[..bytes.len()].copy_from_slice(bytes);
        let word = u64::from_le_bytes(two[..8].try_into().unwrap());
        match bytes.len() {
            ..=8 => self.intern_short(word),
            _ => self.intern_middle(word, u64::from_le_bytes(two[8..].try_into().unwrap())),
        }
    }

    /// Adds a term without looking for it.
    pub fn append(&mut self, bytes: &[u8]) -> u32 {
        let mut two = [0; 16];
        let head = bytes.len().min(16);
        two[..head].copy_from_slice(&bytes[..head]);
        let both = u128::from_le_bytes(two);
        self.add(both as u64, (both >> 64) as u64, bytes, bytes.len());
        self.keys.len() as u32 - 1
    }

    #[inline(always)]
    fn intern_short(&mut self, word: u64) -> u32 {
        let slots = self.short.len();
        let mut at = slot_of(word.wrapping_mul(HASH), slots);
        loop {
            // SAFETY: `at` is masked to the table.
            let slot = unsafe { self.short.get_unchecked_mut(at) };
            if slot.word == word {
                slot.count += 1;
                return slot.id;
            }
            if slot.word == 0 {
                let id = self.keys.len() as u32;
                *slot = Short { word, id, count: 1 };
                self.used[0] += 1;
                self.add(word, 0, &word.to_le_bytes(), 8 - word.leading_zeros() as usize / 8);
                return id;
            }
            at = (at + 1) & (slots - 1);
        }
    }

    #[inline(always)]
    fn intern_middle(&mut self, word: u64, rest: u64) -> u32 {
        let slots = self.middle.len();
        let mut at = slot_of(hash_two(word, rest), slots);
        loop {
            let slot = &mut self.middle[at];
            if slot.word == word && slot.rest == rest {
                slot.count += 1;
                return slot.id;
            }
            if slot.word == 0 {
                let id = self.keys.len() as u32;
                *slot = Middle { word, rest, id, count: 1, _pad: 0 };
                self.used[1] += 1;
                let both = u128::from(rest) << 64 | u128::from(word);
                self.add(word, rest, &both.to_le_bytes(), 16 - rest.leading_zeros() as usize / 8);
                return id;
            }
            at = (at + 1) & (slots - 1);
        }
    }

    fn intern_long(&mut self, bytes: &[u8]) -> u32 {
        let (slots, hash) = (self.long.len(), hash_long(bytes));
        let mut at = slot_of(hash, slots);
        loop {
            let slot = self.long[at];
            if slot.count == 0 {
                let id = self.keys.len() as u32;
                self.long[at] = Long { hash, id, count: 1 };
                self.used[2] += 1;
                self.append(bytes);
                return id;
            }
            if slot.hash == hash && self.term(slot.id) == bytes {
                self.long[at].count += 1;
                return slot.id;
            }
            at = (at + 1) & (slots - 1);
        }
    }

    fn add(&mut self, word: u64, rest: u64, bytes: &[u8], length: usize) {
        self.keys.push(word.swap_bytes());
        self.rests.push(rest.swap_bytes());
        let at = self.bytes.len();
        self.bytes.reserve(at + length + SLACK);
        self.bytes.set_len(at + length);
        self.bytes[at..].copy_from_slice(&bytes[..length]);
        self.offsets.push((at + length) as u32);
    }

    /// Occurrences by id, of terms that came as tokens.
    pub fn counts_into(&self, out: &mut Big<u32>) {
        out.set_len(self.len());
        let long = self.long.iter().map(|s| (s.id, s.count));
        let middle = self.middle.iter().map(|s| (s.id, s.count));
        for (id, count) in self.short.iter().map(|s| (s.id, s.count)).chain(middle).chain(long) {
            if count > 0 {
                out[id as usize] = count;
            }
        }
    }

    /// Every table is to be at most `FULL` even if `tokens` new terms come.
    #[inline(always)]
    fn make_room(&mut self, tokens: usize) {
        let slots = [self.short.len(), self.middle.len(), self.long.len()];
        if (0..3).any(|i| is_full(self.used[i] + tokens, slots[i])) {
            self.grow(tokens);
        }
    }

    #[cold]
    fn grow(&mut self, tokens: usize) {
        let [short, middle, long] = self.used.map(|used| used + tokens);
        rehash(&mut self.short, short, |s| s.count, |s| s.word.wrapping_mul(HASH));
        rehash(&mut self.middle, middle, |s| s.count, |s| hash_two(s.word, s.rest));
        rehash(&mut self.long, long, |s| s.count, |s| s.hash);
    }
}

/// Slots in use of 8: fuller tables are smaller, and what counts is how much of a table stays in the cache.
const FULL_EIGHTHS: usize = 5;

fn is_full(wanted: usize, slots: usize) -> bool {
    wanted * 8 > slots * FULL_EIGHTHS
}

/// Makes a table larger if `wanted` terms would be too many for it.
fn rehash<S: Copy>(table: &mut Big<S>, wanted: usize, count: impl Fn(&S) -> u32, hash: impl Fn(&S) -> u64) {
    let mut slots = table.len();
    while is_full(wanted, slots) {
        slots *= 2;
    }
    if slots == table.len() {
        return;
    }
    let old: Vec<S> = table.iter().filter(|s| count(s) > 0).copied().collect();
    table.reset_zeroed(slots);
    for slot in old {
        let mut at = slot_of(hash(&slot), slots);
        while count(&table[at]) > 0 {
            at = (at + 1) & (slots - 1);
        }
        table[at] = slot;
    }
}
