//! Reads an index back: what the report counts, and what the tests hold against a plain reference.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use peer::Result;
use serde_json::Value;

use crate::segment::{FILE_NAME, MAGIC, Range};

pub struct Reader {
    file: File,
    pub docs: u64,
    fields: Vec<FieldReader>,
}

struct FieldReader {
    name: String,
    ranges: Vec<(Range, Vec<Block>)>,
    sections: Vec<(String, u64, u64)>,
}

/// A dictionary block, as the term index tells it.
struct Block {
    first: Vec<u8>,
    count: u64,
    terms: std::ops::Range<u64>,
    postings: u64,
}

/// A term's entry in the dictionary.
#[derive(Clone, Debug, PartialEq)]
pub struct TermInfo {
    pub term: Vec<u8>,
    pub doc_freq: u64,
    pub total: u64,
    pub skip_bytes: u64,
    pub postings: std::ops::Range<u64>,
}

/// Bytes read one number at a time.
pub struct Bytes<'a>(pub &'a [u8]);

impl<'a> Bytes<'a> {
    pub fn byte(&mut self) -> Result<u8> {
        let (first, rest) = self.0.split_first().ok_or("index: ends early")?;
        self.0 = rest;
        Ok(*first)
    }

    pub fn varint(&mut self) -> Result<u64> {
        let mut value = 0;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err("index: a number of more than nine bytes".into())
    }

    pub fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        let (first, rest) = self.0.split_at_checked(n).ok_or("index: ends early")?;
        self.0 = rest;
        Ok(first)
    }
}

impl Reader {
    /// Opens an index as a search would: footer, and every field's term index.
    pub fn open(index: &Path) -> Result<Self> {
        let file = File::open(index.join(FILE_NAME))?;
        let size = file.metadata()?.len();
        let tail = read(&file, size.checked_sub(16).ok_or("index: too short")?, 16)?;
        if &tail[8..] != MAGIC {
            return Err("index: no magic at its end".into());
        }
        let offset = u64::from_le_bytes(tail[..8].try_into()?);
        let footer: Value = serde_json::from_slice(&read(&file, offset, size - 16 - offset)?)?;
        let number = |v: &Value| v.as_u64().ok_or("index: a footer without a number");
        let mut fields = Vec::new();
        for field in footer["fields"].as_array().ok_or("index: a footer without fields")? {
            let mut ranges = Vec::new();
            for r in field["ranges"].as_array().into_iter().flatten() {
                let n = (0..6).map(|i| number(&r[i])).collect::<std::result::Result<Vec<u64>, _>>()?;
                let range = Range { offset: n[0], postings: n[1], terms: n[2], index: n[3], count: n[4], tokens: n[5] };
                ranges.push((range, blocks(&read(&file, range.offset + range.postings + range.terms, range.index)?)?));
            }
            let mut sections = Vec::new();
            for s in field["sections"].as_array().into_iter().flatten() {
                sections.push((s[0].as_str().unwrap_or_default().to_owned(), number(&s[1])?, number(&s[2])?));
            }
            fields.push(FieldReader { name: field["name"].as_str().unwrap_or_default().to_owned(), ranges, sections });
        }
        Ok(Reader { file, docs: number(&footer["docs"])?, fields })
    }

    fn field(&self, name: &str) -> Result<&FieldReader> {
        self.fields.iter().find(|f| f.name == name).ok_or_else(|| format!("index: no field {name}").into())
    }

    pub fn tokens(&self, field: &str) -> Result<u64> {
        Ok(self.field(field)?.ranges.iter().map(|(r, _)| r.tokens).sum())
    }

    pub fn term_count(&self, field: &str) -> Result<u64> {
        Ok(self.field(field)?.ranges.iter().map(|(r, _)| r.count).sum())
    }

    pub fn section(&self, field: &str, name: &str) -> Result<Vec<u8>> {
        let sections = &self.field(field)?.sections;
        let (_, offset, length) = sections.iter().find(|s| s.0 == name).ok_or_else(|| format!("index: no {name} of {field}"))?;
        read(&self.file, *offset, *length)
    }

    pub fn find(&self, field: &str, term: &[u8]) -> Result<Option<TermInfo>> {
        let ranges = &self.field(field)?.ranges;
        let starts_behind = |blocks: &[Block]| blocks.first().is_none_or(|b| b.first.as_slice() > term);
        let Some((range, blocks)) = ranges.iter().rev().find(|(_, blocks)| !starts_behind(blocks)) else { return Ok(None) };
        let block = blocks.partition_point(|b| b.first.as_slice() <= term) - 1;
        Ok(self.entries(range, &blocks[block], field)?.into_iter().find(|i| i.term == term))
    }

    /// Every term of a field in order.
    pub fn all_terms(&self, field: &str) -> Result<Vec<TermInfo>> {
        let mut all = Vec::new();
        for (range, blocks) in &self.field(field)?.ranges {
            for block in blocks {
                all.extend(self.entries(range, block, field)?);
            }
        }
        Ok(all)
    }

    pub fn postings(&self, info: &TermInfo) -> Result<Vec<u8>> {
        read(&self.file, info.postings.start, info.postings.end - info.postings.start)
    }

    fn entries(&self, range: &Range, block: &Block, field: &str) -> Result<Vec<TermInfo>> {
        let is_text = field == "name" || field == "summary";
        let terms = range.offset + range.postings;
        let bytes = read(&self.file, terms + block.terms.start, block.terms.end - block.terms.start)?;
        let (mut bytes, mut term, mut at) = (Bytes(&bytes), Vec::new(), range.offset + block.postings);
        let mut all = Vec::new();
        for _ in 0..block.count {
            term.truncate(bytes.varint()? as usize);
            let suffix = bytes.varint()? as usize;
            term.extend_from_slice(bytes.take(suffix)?);
            let doc_freq = bytes.varint()?;
            let total = doc_freq + if is_text { bytes.varint()? } else { 0 };
            let length = bytes.varint()?;
            let skip_bytes = if doc_freq >= 128 { bytes.varint()? } else { 0 };
            all.push(TermInfo { term: term.clone(), doc_freq, total, skip_bytes, postings: at..at + length });
            at += length;
        }
        Ok(all)
    }
}

fn blocks(index: &[u8]) -> Result<Vec<Block>> {
    let (mut bytes, mut blocks, mut terms, mut postings) = (Bytes(index), Vec::new(), 0, 0);
    while !bytes.0.is_empty() {
        let length = bytes.varint()? as usize;
        let first = bytes.take(length)?.to_vec();
        let (count, own_terms, own_postings) = (bytes.varint()?, bytes.varint()?, bytes.varint()?);
        blocks.push(Block { first, count, terms: terms..terms + own_terms, postings });
        terms += own_terms;
        postings += own_postings;
    }
    Ok(blocks)
}

fn read(file: &File, offset: u64, length: u64) -> Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(length)?];
    file.read_exact_at(&mut bytes, offset)?;
    Ok(bytes)
}
