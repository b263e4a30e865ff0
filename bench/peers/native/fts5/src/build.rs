//! One transaction into a contentless FTS5 table, and the exact fields into ordinary tables.

use std::path::PathBuf;

use arrow_array::{Array, StringArray};
use peer::rows::{Rows, open, string};
use peer::{Options, Result};
use rusqlite::{Connection, OpenFlags, params};

/// All rows in memory. Decoding them is not part of the time.
pub type Input = Vec<(Rows, StringArray)>;

pub fn preload(options: &Options) -> Result<Input> {
    let rows = open(&options.parquet()?, 1)?.into_iter().flatten();
    rows.map(|rows| rows.and_then(|rows| rows.keyword_values().map(|values| (rows, values)))).collect()
}

/// No journal, no sync: a build that fails starts anew. One connection, pages of the largest size, all of them in memory until the end.
const SETTINGS: &str = "
    PRAGMA page_size = 65536;
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -1048576;
";

/// `content=''`: the texts themselves are not kept. `detail=full` (the default) has positions; `columnsize` (the default) the lengths
/// that bm25 needs. `ascii` would take all chars beyond ASCII as letters; `unicode61` without removal of diacritics cuts as `simple` does.
/// `hashsize`: all postings stay in the hash table, so that the commit writes them once, as one segment; nothing is ever merged.
const TABLES: &str = r#"
    CREATE VIRTUAL TABLE text USING fts5(name, summary, content='', detail=full, tokenize="unicode61 remove_diacritics 0");
    INSERT INTO text(text, rank) VALUES ('hashsize', 2000000000);
    INSERT INTO text(text, rank) VALUES ('automerge', 0);
    INSERT INTO text(text, rank) VALUES ('crisismerge', 1000);
    INSERT INTO text(text, rank) VALUES ('pgsz', 65000);
    CREATE TABLE document(id INTEGER PRIMARY KEY, package TEXT NOT NULL, version TEXT, downloads INTEGER);
    CREATE TABLE keyword(document INTEGER, word TEXT);
"#;

/// Indexes are made at the end: sorting once is faster than inserting in no order.
const INDEXES: &str = "
    CREATE INDEX document_package ON document(package);
    CREATE INDEX document_version ON document(version);
    CREATE INDEX keyword_word ON keyword(word, document);
    CREATE INDEX keyword_document ON keyword(document, word);
";

pub struct Built {
    pub path: PathBuf,
    pub phases: Vec<(&'static str, f64)>,
}

pub fn build(options: &Options, input: Input) -> Result<Built> {
    let clock = std::time::Instant::now();
    let ms = || clock.elapsed().as_secs_f64() * 1e3;
    let path = options.index.join("fts5.db");
    let mut db = Connection::open_with_flags(
        &path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    db.execute_batch(SETTINGS)?;
    let transaction = db.transaction()?;
    transaction.execute_batch(TABLES)?;
    let mut text = transaction.prepare("INSERT INTO text(rowid, name, summary) VALUES (?, ?, ?)")?;
    let mut document = transaction.prepare("INSERT INTO document VALUES (?, ?, ?, ?)")?;
    let mut keyword = transaction.prepare("INSERT INTO keyword VALUES (?, ?)")?;
    let mut id = 0i64;
    for (rows, keywords) in &input {
        for row in 0..rows.len() {
            text.execute(params![id, string(&rows.name, row), string(&rows.summary, row)])?;
            let downloads = rows.downloads.is_valid(row).then(|| rows.downloads.value(row));
            document.execute(params![id, string(&rows.package, row), string(&rows.version, row), downloads])?;
            for word in rows.keywords(row, keywords) {
                keyword.execute(params![id, word])?;
            }
            id += 1;
        }
    }
    let inserted = ms();
    drop((text, document, keyword));
    transaction.execute_batch(INDEXES)?;
    let indexed = ms();
    transaction.commit()?;
    db.close().map_err(|(_, e)| e)?;
    let committed = ms();
    let db = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let _: i64 = db.query_row("SELECT count(*) FROM text WHERE text MATCH 'a'", [], |row| row.get(0))?;
    Ok(Built { path, phases: vec![("insert", inserted), ("indexes", indexed), ("commit", committed), ("open again", ms())] })
}
