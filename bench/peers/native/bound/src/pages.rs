//! Pages of one column chunk, decompressed one at a time into a buffer that stays in cache until the page was used.

use std::fs::File;
use std::os::unix::fs::FileExt;

use peer::Result;

use crate::footer::{Chunk, UNCOMPRESSED};
use crate::hybrid::decode_hybrid;
use crate::snappy;
use crate::thrift::Thrift;

/// A page's values, in the file's own encoding.
pub enum Values<'a> {
    /// PLAIN: the values that are there, one behind the other; at least `SLACK` bytes are readable behind them.
    Plain(&'a [u8]),
    /// Indices into the chunk's dictionary, whose values are PLAIN; as much slack behind them.
    Indices { dictionary: &'a [u8], entries: usize, indices: &'a [u32] },
}

pub struct Page<'a> {
    /// Entries of the level streams: rows, or elements and empty lists of a list column.
    pub count: usize,
    /// Empty where the column has no such level; else `count` numbers.
    pub reps: &'a [u32],
    pub defs: &'a [u32],
    pub max_def: u32,
    pub values: Values<'a>,
}

impl Page<'_> {
    pub fn is_there(&self, i: usize) -> bool {
        self.defs.is_empty() || self.defs[i] == self.max_def
    }
}

/// Bytes readable behind every buffer that is handed out.
pub const SLACK: usize = snappy::SLACK;

#[derive(Default)]
pub struct Pages {
    raw: Vec<u8>,
    page: Vec<u8>,
    dictionary: Vec<u8>,
    dictionary_size: usize,
    reps: Vec<u32>,
    defs: Vec<u32>,
    indices: Vec<u32>,
}

#[derive(Default)]
struct Header {
    kind: i64,
    uncompressed: usize,
    compressed: usize,
    values: usize,
    encoding: i64,
}

const DATA_PAGE: i64 = 0;
const DICTIONARY_PAGE: i64 = 2;
const PLAIN: i64 = 0;
const PLAIN_DICTIONARY: i64 = 2;
const RLE_DICTIONARY: i64 = 8;

impl Pages {
    /// Reads a chunk and calls `use_page` with each of its data pages in order. The buffers are kept for the next chunk.
    pub fn for_each(&mut self, file: &File, chunk: &Chunk, mut use_page: impl FnMut(Page) -> Result<()>) -> Result<()> {
        fit(&mut self.raw, chunk.bytes + SLACK);
        file.read_exact_at(&mut self.raw[..chunk.bytes], chunk.offset)?;
        let (mut at, mut seen, mut entries) = (0, 0, 0);
        while seen < chunk.values {
            let mut thrift = Thrift::new(&self.raw[at..chunk.bytes]);
            let header = header(&mut thrift)?;
            at += thrift.position();
            let end = at.checked_add(header.compressed).filter(|end| *end <= chunk.bytes);
            let end = end.ok_or("Parquet: a page ends behind its chunk")?;
            if header.uncompressed > chunk.uncompressed || header.values > chunk.values.max(header.uncompressed) {
                return Err("Parquet: a page is larger than its chunk".into());
            }
            let target = if header.kind == DICTIONARY_PAGE { &mut self.dictionary } else { &mut self.page };
            fit(target, header.uncompressed + SLACK);
            if chunk.codec == UNCOMPRESSED {
                if header.compressed != header.uncompressed {
                    return Err("Parquet: a plain page whose two sizes differ".into());
                }
                target[..header.uncompressed].copy_from_slice(&self.raw[at..end]);
            } else {
                snappy::decode(&self.raw[at..], header.compressed, target, header.uncompressed)?;
            }
            at = end;
            match header.kind {
                DICTIONARY_PAGE if header.encoding == PLAIN || header.encoding == PLAIN_DICTIONARY => {
                    entries = header.values;
                    self.dictionary_size = header.uncompressed;
                }
                DATA_PAGE => {
                    seen += header.values;
                    if seen > chunk.values {
                        return Err("Parquet: more values than a chunk should have".into());
                    }
                    use_page(self.data_page(&header, chunk, entries)?)?;
                }
                kind => return Err(format!("Parquet: page type {kind} is not known to this program").into()),
            }
        }
        Ok(())
    }

    fn data_page(&mut self, header: &Header, chunk: &Chunk, entries: usize) -> Result<Page<'_>> {
        let (page, size, count) = (&self.page, header.uncompressed, header.values);
        let mut at = 0;
        for (max, levels) in [(chunk.max_rep, &mut self.reps), (chunk.max_def, &mut self.defs)] {
            levels.clear();
            if max > 0 {
                let length = page[..size].get(at..at + 4).ok_or("Parquet: a page ends in its levels")?;
                let length = u32::from_le_bytes(length.try_into()?) as usize;
                let bytes = page[..size].get(at + 4..at + 4 + length).ok_or("Parquet: a page ends in its levels")?;
                decode_hybrid(bytes, 32 - max.leading_zeros(), count, levels)?;
                at += 4 + length;
            }
        }
        let values = match header.encoding {
            PLAIN => Values::Plain(&page[at..size]),
            PLAIN_DICTIONARY | RLE_DICTIONARY => {
                let there = if self.defs.is_empty() { count } else { self.defs.iter().filter(|d| **d == chunk.max_def).count() };
                self.indices.clear();
                let bits = *page[..size].get(at).ok_or("Parquet: a page without values")?;
                decode_hybrid(&page[at + 1..size], u32::from(bits), there, &mut self.indices)?;
                if self.indices.iter().any(|i| *i as usize >= entries) {
                    return Err("Parquet: an index beyond the dictionary".into());
                }
                Values::Indices { dictionary: &self.dictionary[..self.dictionary_size], entries, indices: &self.indices }
            }
            other => return Err(format!("Parquet: encoding {other} is not known to this program").into()),
        };
        Ok(Page { count, reps: &self.reps, defs: &self.defs, max_def: chunk.max_def, values })
    }
}

fn fit(buffer: &mut Vec<u8>, bytes: usize) {
    if buffer.len() < bytes {
        buffer.resize(bytes, 0);
    }
}

fn header(t: &mut Thrift) -> Result<Header> {
    let mut header = Header::default();
    t.fields(|t, id| {
        match id {
            1 => header.kind = t.int()?,
            2 => header.uncompressed = t.size()?,
            3 => header.compressed = t.size()?,
            // DataPageHeader and DictionaryPageHeader begin with the same two fields.
            5 | 7 => t.fields(|t, id| {
                match id {
                    1 => header.values = t.size()?,
                    2 => header.encoding = t.int()?,
                    _ => return Ok(false),
                }
                Ok(true)
            })?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok(header)
}

/// The PLAIN byte array at `at`, as (offset, length) in `bytes`; moves `at` behind it.
#[inline(always)]
pub fn value_at(bytes: &[u8], at: &mut usize) -> Result<(u32, u32)> {
    let broken = "Parquet: a page ends in a value";
    let length = u32::from_le_bytes(bytes.get(*at..*at + 4).ok_or(broken)?.try_into()?);
    let begin = *at + 4;
    *at = begin + length as usize;
    if *at > bytes.len() {
        return Err(broken.into());
    }
    Ok((begin as u32, length))
}

/// Where each of the first `count` byte arrays lies.
pub fn byte_arrays(bytes: &[u8], count: usize, out: &mut Vec<(u32, u32)>) -> Result<()> {
    out.clear();
    out.reserve(count);
    let mut at = 0;
    for _ in 0..count {
        out.push(value_at(bytes, &mut at)?);
    }
    Ok(())
}
