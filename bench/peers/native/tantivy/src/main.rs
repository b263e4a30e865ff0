//! Tantivy as a peer: see ../README.md for the protocol and for what its settings rest on.

mod build;
mod look;

use std::process::ExitCode;

fn main() -> ExitCode {
    peer::serve(&[build::NO_MERGE, build::MERGE], |_| Ok(()), |options, ()| build::build(options), look::look)
}
