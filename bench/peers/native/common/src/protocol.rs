//! `PROGRAM --source FOLDER --index FOLDER --threads N [--probes w1,w2,..]`, then one build for each line `run` on stdin.

use std::error::Error;
use std::io::{BufRead, Write, stdin, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use crate::report::Report;
use crate::usage::{cpu_ms, peak_bytes};

pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The command line. `flags` holds every `--word` that takes no value, for what a program offers beyond the protocol.
pub struct Options {
    pub source: PathBuf,
    pub index: PathBuf,
    pub threads: usize,
    pub probes: Vec<String>,
    pub flags: Vec<String>,
}

impl Options {
    pub fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|f| f == flag)
    }

    /// The one Parquet file below the source folder (or the source itself, if it is a file).
    pub fn parquet(&self) -> Result<PathBuf> {
        let mut found = Vec::new();
        collect(&self.source, &mut found)?;
        match found.len() {
            1 => Ok(found.remove(0)),
            n => Err(format!("{n} Parquet files under {}: one is expected", self.source.display()).into()),
        }
    }
}

fn collect(at: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    if at.is_file() {
        if at.extension().is_some_and(|e| e == "parquet") {
            found.push(at.to_path_buf());
        }
        return Ok(());
    }
    for entry in std::fs::read_dir(at).map_err(|e| format!("{}: {e}", at.display()))? {
        collect(&entry?.path(), found)?;
    }
    Ok(())
}

fn parse(known: &[&str]) -> Result<Options> {
    let mut options = Options { source: PathBuf::new(), index: PathBuf::new(), threads: 1, probes: Vec::new(), flags: Vec::new() };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        if known.contains(&arg.as_str()) {
            options.flags.push(arg);
            continue;
        }
        let value = args.next().ok_or_else(|| format!("{arg}: unknown, or its value is missing"))?;
        match arg.as_str() {
            "--source" => options.source = value.into(),
            "--index" => options.index = value.into(),
            "--threads" => options.threads = value.parse().map_err(|_| format!("--threads {value}: a number is expected"))?,
            "--probes" => options.probes = value.split(',').filter(|w| !w.is_empty()).map(str::to_owned).collect(),
            _ => return Err(format!("{arg}: unknown").into()),
        }
    }
    if options.source.as_os_str().is_empty() || options.index.as_os_str().is_empty() || options.threads == 0 {
        return Err(format!("usage: --source FOLDER --index FOLDER --threads N [--probes w1,w2,..] {known:?}").into());
    }
    Ok(options)
}

/// Runs the protocol until the end of stdin. `prepare` is called before each build, untimed (most programs have nothing to do there);
/// `build` into the fresh, empty folder is what is timed, up to a durable index that was opened again; `look` reads counts from
/// that index, untimed.
pub fn serve<P, B>(
    flags: &[&str],
    mut prepare: impl FnMut(&Options) -> Result<P>,
    mut build: impl FnMut(&Options, P) -> Result<B>,
    look: impl Fn(&Options, B) -> Result<Report>,
) -> ExitCode {
    let outcome = (|| -> Result<()> {
        let options = parse(flags)?;
        for line in stdin().lock().lines() {
            match line?.trim() {
                "" => continue,
                "run" => {}
                other => return Err(format!("`{other}` on stdin: only `run` is understood").into()),
            }
            let input = prepare(&options)?;
            renew(&options.index)?;
            let (cpu, clock) = (cpu_ms(), Instant::now());
            let built = build(&options, input)?;
            let (ms, cpu) = (clock.elapsed().as_secs_f64() * 1000.0, cpu_ms() - cpu);
            // Before the look at the index: what that costs is no part of the build.
            let peak = peak_bytes()?;
            let report = look(&options, built)?;
            let json = report.to_json(options.threads, ms, cpu, size_of(&options.index)?, peak);
            let mut out = stdout().lock();
            writeln!(out, "{json}")?;
            out.flush()?;
        }
        Ok(())
    })();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e}");
            ExitCode::FAILURE
        }
    }
}

fn renew(index: &Path) -> Result<()> {
    if index.exists() {
        std::fs::remove_dir_all(index)?;
    }
    Ok(std::fs::create_dir_all(index)?)
}

/// Bytes of all files below a folder.
fn size_of(at: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(at)? {
        let entry = entry?;
        let meta = entry.metadata()?;
        bytes += if meta.is_dir() { size_of(&entry.path())? } else { meta.len() };
    }
    Ok(bytes)
}
