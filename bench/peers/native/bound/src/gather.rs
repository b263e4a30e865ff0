//! The first half of a build, for one thread: its row groups' columns to token streams, interned terms and numbers.

use std::fs::File;

use peer::Result;

use crate::footer::{Chunk, RowGroup};
use crate::invert::Field;
use crate::pages::{Page, Pages, Values, byte_arrays, value_at};
use crate::ticks::{Ticks, now};
use crate::tokenize::Batch;

/// Fields in the order in which they are numbered.
pub const FIELDS: [&str; 6] = ["package", "name", "summary", "keywords", "version", "downloads"];
pub const PACKAGE: usize = 0;
pub const TEXT: [usize; 2] = [1, 2];
pub const KEYWORD: [usize; 3] = [PACKAGE, 3, 4];
pub const DOWNLOADS: usize = 5;

/// A thread's share of the documents.
pub struct Gathered {
    pages: Pages,
    batch: Batch,
    slices: Vec<(u32, u32)>,
    known: Vec<u32>,
    /// Only the first five are in use; `downloads` stands below.
    pub fields: [Field; 5],
    pub numbers: Vec<i64>,
    pub there: Vec<bool>,
    pub docs: usize,
    pub ticks: Ticks,
}

impl Gathered {
    pub fn new() -> Self {
        Gathered {
            pages: Pages::default(),
            batch: Batch::new(),
            slices: Vec::new(),
            known: Vec::new(),
            fields: Default::default(),
            numbers: Vec::new(),
            there: Vec::new(),
            docs: 0,
            ticks: Ticks::default(),
        }
    }

    pub fn read(&mut self, file: &File, groups: &[RowGroup]) -> Result<()> {
        self.fields.iter_mut().for_each(Field::clear);
        (self.docs, self.ticks) = (0, Ticks::default());
        self.numbers.clear();
        self.there.clear();
        for group in groups {
            for text in TEXT {
                self.text(file, group.chunk(FIELDS[text])?, text)?;
            }
            self.keyword(file, group.chunk("keywords")?, 3)?;
            self.keyword(file, group.chunk("version")?, 4)?;
            self.ids(file, group.chunk("package")?)?;
            self.numeric(file, group.chunk("downloads")?)?;
            self.docs += group.rows;
            let counts = self.fields.iter().map(|f| f.per_doc.len()).chain([self.numbers.len()]);
            if let Some((_, name)) = counts.zip(FIELDS).find(|(count, _)| *count != self.docs) {
                return Err(format!("Parquet: column {name} has not one entry a row").into());
            }
        }
        Ok(())
    }

    fn text(&mut self, file: &File, chunk: &Chunk, field: usize) -> Result<()> {
        let Gathered { pages, batch, slices, fields, ticks, .. } = self;
        let field = &mut fields[field];
        batch.clear();
        let begin = now();
        let mut elsewhere = 0;
        pages.for_each(file, chunk, |page| {
            let (bytes, indices) = match page.values {
                Values::Plain(bytes) => (bytes, None),
                Values::Indices { dictionary, entries, indices } => {
                    byte_arrays(dictionary, entries, slices)?;
                    (dictionary, Some(indices))
                }
            };
            let mut mark = now();
            elsewhere -= mark;
            let (mut next, mut at) = (0, 0);
            for i in 0..page.count {
                if !page.is_there(i) {
                    field.per_doc.push(0);
                    continue;
                }
                let (begin, len) = match indices {
                    Some(indices) => {
                        next += 1;
                        slices[indices[next - 1] as usize]
                    }
                    None => value_at(bytes, &mut at)?,
                };
                // SAFETY: both ways keep every value within the page, behind which SLACK bytes are readable.
                field.per_doc.push(unsafe { batch.push(bytes.as_ptr().add(begin as usize), len as usize) });
                if batch.is_full() {
                    let tokenized = now();
                    flush(batch, field);
                    ticks.tokenize += tokenized - mark;
                    mark = now();
                    ticks.intern += mark - tokenized;
                }
            }
            let end = now();
            ticks.tokenize += end - mark;
            elsewhere += end;
            Ok(())
        })?;
        let end = now();
        flush(batch, field);
        ticks.intern += now() - end;
        ticks.decode += end - begin - elsewhere;
        Ok(())
    }

    fn keyword(&mut self, file: &File, chunk: &Chunk, field: usize) -> Result<()> {
        let Gathered { pages, slices, known, fields, ticks, .. } = self;
        let field = &mut fields[field];
        // Term id + 1 of each entry of the chunk's dictionary: its bytes are looked at once.
        known.clear();
        let begin = now();
        pages.for_each(file, chunk, |page| {
            let base = values_of(&page, slices)?;
            if let Values::Indices { entries, .. } = page.values {
                known.resize(entries, 0);
            }
            let mut next = 0;
            field.stream_tail(page.count);
            for i in 0..page.count {
                if page.reps.is_empty() || page.reps[i] == 0 {
                    field.per_doc.push(0);
                }
                if !page.is_there(i) {
                    continue;
                }
                let at = slice_at(&page, next);
                next += 1;
                let is_indexed = matches!(page.values, Values::Indices { .. });
                let id = if is_indexed && known[at] > 0 {
                    known[at] - 1
                } else {
                    let (offset, len) = slices[at];
                    // SAFETY: as above.
                    let value = unsafe { std::slice::from_raw_parts(base.add(offset as usize), len as usize) };
                    field.terms.intern_one(value)
                };
                if is_indexed {
                    known[at] = id + 1;
                }
                let count = field.per_doc.last_mut().ok_or("Parquet: a list goes on before it began")?;
                let own = field.stream_len - *count as usize;
                if !field.stream[own..field.stream_len].contains(&id) {
                    *count += 1;
                    field.stream[field.stream_len] = id;
                    field.stream_len += 1;
                }
            }
            Ok(())
        })?;
        Ok(ticks.columns += now() - begin)
    }

    /// Ids are all different: they are collected, not interned.
    fn ids(&mut self, file: &File, chunk: &Chunk) -> Result<()> {
        let Gathered { pages, slices, fields, ticks, .. } = self;
        let field = &mut fields[PACKAGE];
        let begin = now();
        pages.for_each(file, chunk, |page| {
            let base = values_of(&page, slices)?;
            let mut next = 0;
            for i in 0..page.count {
                field.per_doc.push(u32::from(page.is_there(i)));
                if page.is_there(i) {
                    let (at, len) = slices[slice_at(&page, next)];
                    next += 1;
                    // SAFETY: as above.
                    let id = field.terms.append(unsafe { std::slice::from_raw_parts(base.add(at as usize), len as usize) });
                    field.stream_tail(1)[0] = id;
                    field.stream_len += 1;
                }
            }
            Ok(())
        })?;
        Ok(ticks.columns += now() - begin)
    }

    fn numeric(&mut self, file: &File, chunk: &Chunk) -> Result<()> {
        let Gathered { pages, numbers, there, ticks, .. } = self;
        let begin = now();
        pages.for_each(file, chunk, |page| {
            let mut next = 0;
            for i in 0..page.count {
                let is = page.is_there(i);
                there.push(is);
                let (bytes, at) = match page.values {
                    Values::Plain(bytes) => (bytes, next),
                    Values::Indices { dictionary, indices, .. } => (dictionary, indices.get(next).map_or(0, |i| *i as usize)),
                };
                numbers.push(if is {
                    next += 1;
                    i64::from_le_bytes(bytes.get(8 * at..8 * at + 8).ok_or("Parquet: a page ends in a number")?.try_into()?)
                } else {
                    0
                });
            }
            Ok(())
        })?;
        Ok(ticks.columns += now() - begin)
    }
}

/// Fills `slices` with where the page's (or its dictionary's) values lie behind the address that it returns.
fn values_of(page: &Page, slices: &mut Vec<(u32, u32)>) -> Result<*const u8> {
    let (bytes, count) = match &page.values {
        Values::Plain(bytes) => (*bytes, (0..page.count).filter(|i| page.is_there(*i)).count()),
        Values::Indices { dictionary, entries, .. } => (*dictionary, *entries),
    };
    byte_arrays(bytes, count, slices)?;
    Ok(bytes.as_ptr())
}

#[inline(always)]
fn slice_at(page: &Page, next: usize) -> usize {
    match page.values {
        Values::Plain(_) => next,
        Values::Indices { indices, .. } => indices[next] as usize,
    }
}

fn flush(batch: &mut Batch, field: &mut Field) {
    let tokens = batch.edge_count / 2;
    field.stream_tail(tokens);
    let (begin, end) = (field.stream_len, field.stream_len + tokens);
    field.terms.intern(&batch.text, &batch.edges[..batch.edge_count], &mut field.stream[begin..end]);
    field.stream_len = end;
    batch.clear();
}
