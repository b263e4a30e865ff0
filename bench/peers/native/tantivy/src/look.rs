//! What the index holds, read back from it.

use std::collections::HashSet;

use peer::{FieldCounts, Options, Report, Result};
use tantivy::{Index, Term};

use crate::build::{MERGE, NO_MERGE};

const TEXT: [&str; 2] = ["name", "summary"];

pub fn look(options: &Options, indexes: Vec<Index>) -> Result<Report> {
    let (mut docs, mut segments) = (0, 0);
    let mut fields = TEXT.map(|name| FieldCounts { name, ..FieldCounts::default() });
    let mut terms = TEXT.map(|_| HashSet::new());
    for counts in &mut fields {
        counts.doc_freq = options.probes.iter().map(|word| (word.clone(), 0)).collect();
    }
    for index in &indexes {
        let searcher = index.reader()?.searcher();
        docs += searcher.num_docs();
        segments += searcher.segment_readers().len();
        for (counts, terms) in fields.iter_mut().zip(&mut terms) {
            let field = index.schema().get_field(counts.name)?;
            for segment in searcher.segment_readers() {
                let inverted = segment.inverted_index(field)?;
                counts.tokens += inverted.total_num_tokens();
                let mut stream = inverted.terms().stream()?;
                while stream.advance() {
                    terms.insert(stream.key().to_vec());
                }
            }
            for (word, count) in &mut counts.doc_freq {
                *count += searcher.doc_freq(&Term::from_field_text(field, word))?;
            }
        }
    }
    for (counts, terms) in fields.iter_mut().zip(terms) {
        counts.terms = terms.len() as u64;
    }
    let way = if options.has(NO_MERGE) {
        "partitions at once, one thread each, decode included, not merged"
    } else if options.threads == 1 {
        "decode and index on one thread into one segment"
    } else if options.has(MERGE) {
        "indexing threads fed by a decoding one, then merged"
    } else {
        "one thread decodes, one indexes into one segment, stored ids compressed by a third"
    };
    // "tantivy v0.27.0, index_format v7"
    let version = tantivy::version_string().split([' ', ',']).nth(1).unwrap_or_default().trim_start_matches('v');
    Ok(Report {
        program: "tantivy",
        version: version.to_owned(),
        docs,
        fields: fields.into(),
        phases: Vec::new(),
        notes: format!("SimpleTokenizer + LowerCaser; {way}; {segments} segment(s)"),
    })
}
