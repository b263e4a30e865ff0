//! Parquet's footer: which column lies where (https://github.com/apache/parquet-format, parquet.thrift).

use std::fs::File;
use std::os::unix::fs::FileExt;

use peer::Result;

use crate::thrift::Thrift;

pub const SNAPPY: i64 = 1;
pub const UNCOMPRESSED: i64 = 0;

/// One column of one row group.
#[derive(Clone, Default)]
pub struct Chunk {
    pub path: String,
    pub codec: i64,
    pub offset: u64,
    pub bytes: usize,
    pub values: usize,
    pub uncompressed: usize,
    pub max_def: u32,
    pub max_rep: u32,
}

#[derive(Clone, Default)]
pub struct RowGroup {
    pub rows: usize,
    pub chunks: Vec<Chunk>,
}

impl RowGroup {
    /// The leaf of a top-level column; `keywords` also stands for `keywords.list.element`.
    pub fn chunk(&self, column: &str) -> Result<&Chunk> {
        let of = |c: &&Chunk| c.path.split('.').next() == Some(column);
        self.chunks.iter().find(of).ok_or_else(|| format!("no column {column} in the file").into())
    }
}

struct Element {
    name: String,
    repetition: i64,
    children: usize,
}

pub fn read_footer(file: &File) -> Result<Vec<RowGroup>> {
    let size = file.metadata()?.len();
    let mut tail = [0; 8];
    file.read_exact_at(&mut tail, size.checked_sub(8).ok_or("not a Parquet file: too short")?)?;
    if &tail[4..] != b"PAR1" {
        return Err("not a Parquet file: no PAR1 at its end".into());
    }
    let length = u64::from(u32::from_le_bytes(tail[..4].try_into()?));
    let begin = size.checked_sub(8 + length).ok_or("Parquet: the footer is longer than the file")?;
    let mut bytes = vec![0; length as usize];
    file.read_exact_at(&mut bytes, begin)?;

    let (mut elements, mut groups) = (Vec::new(), Vec::new());
    Thrift::new(&bytes).fields(|t, id| {
        match id {
            2 => t.list(|t| Ok(elements.push(element(t)?)))?,
            4 => t.list(|t| Ok(groups.push(row_group(t)?)))?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    let levels = levels(&elements);
    for group in &mut groups {
        for chunk in &mut group.chunks {
            let found = levels.iter().find(|(path, ..)| *path == chunk.path);
            let (_, def, rep) = found.ok_or_else(|| format!("Parquet: column {} is not in the schema", chunk.path))?;
            (chunk.max_def, chunk.max_rep) = (*def, *rep);
        }
    }
    Ok(groups)
}

fn element(t: &mut Thrift) -> Result<Element> {
    let mut e = Element { name: String::new(), repetition: 0, children: 0 };
    t.fields(|t, id| {
        match id {
            3 => e.repetition = t.int()?,
            4 => e.name = t.string()?,
            5 => e.children = t.size()?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok(e)
}

fn row_group(t: &mut Thrift) -> Result<RowGroup> {
    let mut group = RowGroup::default();
    t.fields(|t, id| {
        match id {
            1 => t.list(|t| {
                let mut chunk = Chunk::default();
                t.fields(|t, id| if id == 3 { column(t, &mut chunk).map(|()| true) } else { Ok(false) })?;
                Ok(group.chunks.push(chunk))
            })?,
            3 => group.rows = t.size()?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok(group)
}

fn column(t: &mut Thrift, chunk: &mut Chunk) -> Result<()> {
    let (mut data, mut dictionary, mut path) = (0, 0, Vec::new());
    t.fields(|t, id| {
        match id {
            3 => t.list(|t| Ok(path.push(t.string()?)))?,
            4 => chunk.codec = t.int()?,
            5 => chunk.values = t.size()?,
            6 => chunk.uncompressed = t.size()?,
            7 => chunk.bytes = t.size()?,
            9 => data = t.size()? as u64,
            11 => dictionary = t.size()? as u64,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    chunk.path = path.join(".");
    chunk.offset = if dictionary > 0 { data.min(dictionary) } else { data };
    if chunk.codec != SNAPPY && chunk.codec != UNCOMPRESSED {
        return Err(format!("Parquet: {} is compressed by codec {}; this program knows snappy alone", chunk.path, chunk.codec).into());
    }
    Ok(())
}

/// Path, maximal definition and repetition level of every leaf.
fn levels(elements: &[Element]) -> Vec<(String, u32, u32)> {
    let mut leaves = Vec::new();
    // Open parents: children still to come, name, levels.
    let mut open: Vec<(usize, &str, u32, u32)> = Vec::new();
    for (i, e) in elements.iter().enumerate() {
        if i == 0 {
            open.push((e.children, "", 0, 0));
            continue;
        }
        while open.last().is_some_and(|(left, ..)| *left == 0) {
            open.pop();
        }
        let Some(parent) = open.last_mut() else { break };
        parent.0 -= 1;
        let def = parent.2 + u32::from(e.repetition != 0);
        let rep = parent.3 + u32::from(e.repetition == 2);
        if e.children > 0 {
            open.push((e.children, &e.name, def, rep));
        } else {
            let names = open.iter().map(|(_, name, ..)| *name).filter(|n| !n.is_empty());
            let path: Vec<&str> = names.chain([e.name.as_str()]).collect();
            leaves.push((path.join("."), def, rep));
        }
    }
    leaves
}
