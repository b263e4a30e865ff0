//! What the index holds, through FTS5's own view of its vocabulary.

use peer::{FieldCounts, Options, Report, Result};
use rusqlite::{Connection, params};

use crate::build::Built;

const NOTES: &str = "one thread whatever --threads says; excluded: decoding (strings preloaded) and fsync; contentless, detail=full, unicode61; \
                     one flush; ids, keywords, versions and downloads in ordinary tables; phases are cumulative";

pub fn look(options: &Options, built: Built) -> Result<Report> {
    let db = Connection::open(&built.path)?;
    db.execute_batch("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, text, col)")?;
    let count = |name: &'static str| -> Result<FieldCounts> {
        let (terms, tokens): (i64, i64) = db.query_row("SELECT count(*), total(cnt) FROM vocabulary WHERE col = ?", [name], |row| {
            Ok((row.get(0)?, row.get::<_, f64>(1)? as i64))
        })?;
        let mut doc_freq = Vec::new();
        for word in &options.probes {
            let sql = "SELECT coalesce(sum(doc), 0) FROM vocabulary WHERE term = ? AND col = ?";
            let count: i64 = db.query_row(sql, params![word, name], |row| row.get(0))?;
            doc_freq.push((word.clone(), count as u64));
        }
        Ok(FieldCounts { name, tokens: tokens as u64, terms: terms as u64, doc_freq })
    };
    Ok(Report {
        program: "fts5",
        version: rusqlite::version().to_owned(),
        docs: db.query_row("SELECT count(*) FROM document", [], |row| row.get::<_, i64>(0))? as u64,
        fields: vec![count("name")?, count("summary")?],
        phases: built.phases,
        notes: NOTES.to_owned(),
    })
}
