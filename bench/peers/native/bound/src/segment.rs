//! The one file of an index: pieces in whatever order they were ready, then a footer that says what lies where.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use peer::Result;
use serde_json::{Value, json};

pub const MAGIC: &[u8; 8] = b"BOUNDSG1";
pub const FILE_NAME: &str = "segment";

/// A range of terms of one field: its postings, dictionary blocks and term index lie one behind the other at `offset`.
#[derive(Clone, Copy, Default)]
pub struct Range {
    pub offset: u64,
    pub postings: u64,
    pub terms: u64,
    pub index: u64,
    pub count: u64,
    pub tokens: u64,
}

/// What one piece of work put into the file.
pub enum Piece {
    Terms { field: usize, part: usize, range: Range },
    Section { field: usize, name: &'static str, offset: u64, length: u64 },
}

pub struct Segment {
    file: File,
    next: AtomicU64,
    pieces: Mutex<Vec<Piece>>,
}

impl Segment {
    pub fn create(folder: &Path) -> Result<Self> {
        let file = File::create(folder.join(FILE_NAME))?;
        file.write_all_at(MAGIC, 0)?;
        Ok(Segment { file, next: AtomicU64::new(MAGIC.len() as u64), pieces: Mutex::default() })
    }

    /// Appends byte strings one behind the other; returns where the first begins. Disk writes begin at once, so that little is
    /// left to wait for at the end.
    pub fn append(&self, parts: &[&[u8]]) -> Result<u64> {
        let length: usize = parts.iter().map(|p| p.len()).sum();
        let offset = self.next.fetch_add(length as u64, Ordering::Relaxed);
        let mut at = offset;
        for part in parts {
            self.file.write_all_at(part, at)?;
            at += part.len() as u64;
        }
        // SAFETY: a hint on a file that is open.
        unsafe { libc::sync_file_range(self.file.as_raw_fd(), offset as i64, length as i64, libc::SYNC_FILE_RANGE_WRITE) };
        Ok(offset)
    }

    pub fn add(&self, piece: Piece) {
        self.pieces.lock().unwrap().push(piece);
    }

    /// Writes the footer and makes the file durable.
    pub fn finish(self, docs: u64, fields: &[&str]) -> Result<()> {
        let mut pieces = self.pieces.lock().unwrap();
        pieces.sort_by_key(|p| match p {
            Piece::Terms { field, part, .. } => (*field, 0, *part),
            Piece::Section { field, .. } => (*field, 1, 0),
        });
        let of = |wanted: usize| -> Value {
            let (mut ranges, mut sections) = (Vec::new(), Vec::new());
            for piece in pieces.iter() {
                match piece {
                    Piece::Terms { field, range: r, .. } if *field == wanted => {
                        ranges.push(json!([r.offset, r.postings, r.terms, r.index, r.count, r.tokens]));
                    }
                    Piece::Section { field, name, offset, length } if *field == wanted => sections.push(json!([name, offset, length])),
                    _ => {}
                }
            }
            json!({ "name": fields[wanted], "ranges": ranges, "sections": sections })
        };
        let footer = json!({ "docs": docs, "fields": (0..fields.len()).map(of).collect::<Vec<_>>() }).to_string();
        let offset = self.append(&[footer.as_bytes()])?;
        self.append(&[&offset.to_le_bytes(), MAGIC])?;
        Ok(self.file.sync_all()?)
    }
}
