//! Tantivy and the bound do the same work: tokens, terms and document frequencies are equal, in every way of building. This drives
//! the program through its protocol.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bound::build::{Workspace, build};
use bound::reader::Reader;
use peer::Result;
use peer::sample::write_sample;
use serde_json::Value;

fn run(folder: &Path, args: &[&str], probes: &str) -> Result<Vec<Value>> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tantivy"));
    command.arg("--source").arg(folder).arg("--index").arg(folder.join("tantivy")).args(args).args(["--probes", probes]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    child.stdin.take().ok_or("no stdin")?.write_all(b"run\nrun\n")?;
    let output = child.wait_with_output()?;
    assert!(output.status.success());
    Ok(serde_json::Deserializer::from_slice(&output.stdout).into_iter().collect::<std::result::Result<_, _>>()?)
}

fn reference(folder: &PathBuf) -> Result<Reader> {
    std::fs::create_dir_all(folder)?;
    let parquet = folder.join("sample.parquet");
    write_sample(&parquet, 4000, 900, 4)?;
    Ok(build(&mut Workspace::new(2), &parquet, folder)?.0)
}

#[test]
fn holds_the_tokens_terms_and_document_frequencies_of_the_bound() -> Result<()> {
    let folder = std::env::temp_dir().join(format!("agrees-{}", std::process::id()));
    let reader = reference(&folder)?;
    let every: Vec<_> =
        reader.all_terms("summary")?.into_iter().step_by(7).map(|i| String::from_utf8(i.term)).collect::<std::result::Result<_, _>>()?;
    let probes = every[..every.len().min(2000)].join(",");
    for args in [&["--threads", "1"][..], &["--threads", "2"], &["--threads", "2", "--merge"], &["--threads", "2", "--no-merge"]] {
        let results = run(&folder, args, &probes)?;
        assert_eq!(results.len(), 2, "one line for each run");
        for result in results {
            assert_eq!(result["docs"], reader.docs);
            for field in ["name", "summary"] {
                assert_eq!(result["tokens"][field], reader.tokens(field)?, "{args:?}: tokens of {field}");
                assert_eq!(result["terms"][field], reader.term_count(field)?, "{args:?}: terms of {field}");
                for word in probes.split(',') {
                    let expected = reader.find(field, word.as_bytes())?.map_or(0, |info| info.doc_freq);
                    assert_eq!(result["docFreq"][field][word], expected, "{args:?}: {word} in {field}");
                }
            }
        }
    }
    Ok(std::fs::remove_dir_all(folder)?)
}
