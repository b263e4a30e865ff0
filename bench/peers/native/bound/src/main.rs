//! The bound as a peer: see ../README.md for the protocol.

use std::process::ExitCode;

use bound::build::{Workspace, build};
use peer::{FieldCounts, Options, Report, Result};

const NOTES: &str = "simple tokenizer with Unicode lower-casing; buffers kept between builds; phases are cumulative";

fn main() -> ExitCode {
    let mut workspace = None;
    peer::serve(
        &[],
        |_| Ok(()),
        |options: &Options, ()| {
            let workspace = workspace.get_or_insert_with(|| Workspace::new(options.threads));
            build(workspace, &options.parquet()?, &options.index)
        },
        |options, (reader, phases)| -> Result<Report> {
            let counts = |name: &'static str| -> Result<FieldCounts> {
                let of = |w: &String| -> Result<_> { Ok((w.clone(), reader.find(name, w.as_bytes())?.map_or(0, |info| info.doc_freq))) };
                let doc_freq = options.probes.iter().map(of).collect::<Result<_>>()?;
                Ok(FieldCounts { name, tokens: reader.tokens(name)?, terms: reader.term_count(name)?, doc_freq })
            };
            Ok(Report {
                program: "bound",
                version: env!("CARGO_PKG_VERSION").to_owned(),
                docs: reader.docs,
                fields: vec![counts("name")?, counts("summary")?],
                phases,
                notes: NOTES.to_owned(),
            })
        },
    )
}
