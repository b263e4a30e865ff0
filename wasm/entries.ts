// Term entries: what passes between building, merging and the dictionary. In term order, each 4-aligned:
//
//   0            4         8                12               16           20
//   | termLength | docFreq | totalTermFreq  | postingsLength | skipLength | term bytes, zero-padded to 4 |
//
// Posting lists lie in the same order without gaps. In a shard they are not encoded yet: postingsLength tells the bytes of the
// term's occurrences, totalTermFreq their number, docFreq and skipLength are 0.
// Every 64th entry has a sample: u32 offset in the entries, u32 offset in the postings, so that a range of terms is found without
// reading all.

import { copyWide } from './wide-copy';

export const ENTRY_HEADER: usize = 20;
export const SAMPLE_EVERY: u32 = 64;

/** Bytes of an entry. */
export function entryBytes(termLength: u32): usize {
  return ENTRY_HEADER + <usize>((termLength + 3) & ~3);
}

/** Writes an entry; returns the address behind it, beyond which `WIDE` bytes more are touched. */
export function writeEntry(
  at: usize,
  term: usize,
  length: u32,
  docFreq: u32,
  totalTermFreq: u32,
  postingsLength: u32,
  skipLength: u32,
): usize {
  store<u32>(at, length);
  store<u32>(at, docFreq, 4);
  store<u32>(at, totalTermFreq, 8);
  store<u32>(at, postingsLength, 12);
  store<u32>(at, skipLength, 16);
  const end = at + entryBytes(length);
  // The term may stand in its place already: it is then written over itself.
  copyWide(at + ENTRY_HEADER, term, length);
  if ((length & 3) != 0) {
    const word = end - 4;
    store<u32>(word, load<u32>(word) & ((1 << ((length & 3) << 3)) - 1));
  }
  return end;
}
