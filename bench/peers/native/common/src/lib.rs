//! What the three programs share: the protocol over stdin and stdout, the report, and for the two engines the Parquet reader.

mod protocol;
mod report;
mod usage;

#[cfg(feature = "arrow")]
pub mod rows;
#[cfg(feature = "arrow")]
pub mod sample;

pub use protocol::{Options, Result, serve};
pub use report::{FieldCounts, Report};
