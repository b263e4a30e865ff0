//! The native bound: as fast as we can write this one job. See ../README.md.

pub mod build;
mod dictionary;
mod footer;
mod gather;
mod hybrid;
mod invert;
mod memory;
mod numbers;
mod out;
mod pack;
mod pages;
mod postings;
pub mod reader;
mod segment;
mod snappy;
mod terms;
mod thrift;
mod ticks;
mod tokenize;
mod units;
