//! A small corpus for the tests: every shape of value that the columns can hold, in several row groups, from a seed.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{Int64Builder, ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use crate::Result;

const CONSONANTS: &[u8] = b"bcdfghjklmnpqrstvwxyz";
const VOWELS: &[u8] = b"aeiou";
/// Case pairs that change their length, combining marks, scripts without case, digits of other scripts, and no letters at all.
const ODD: [&str; 12] = ["ÉCOLE", "Straße", "İstanbul", "Ⱥb", "KELVIN", "日本語", "x²y", "e\u{301}t", "٣٤", "—", "Ωmega", "naïve_snake"];

struct Random(u64);

impl Random {
    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// A word by rank: few are frequent, lengths from 1 to 24 bytes, some longer; case varies.
    fn word(&mut self) -> String {
        let limit = [30, 400, 20_000][self.below(3)];
        let rank = self.below(limit);
        let mut seed = Random(rank as u64);
        let syllables = 1 + seed.below(if rank % 50 == 7 { 40 } else { 7 });
        let mut word = String::new();
        for _ in 0..syllables {
            word.push(CONSONANTS[seed.below(CONSONANTS.len())] as char);
            word.push(VOWELS[seed.below(VOWELS.len())] as char);
        }
        if seed.below(4) == 0 {
            word.pop();
        }
        match self.below(10) {
            0 => word.to_uppercase(),
            1 => format!("{word}{}", self.below(1000)),
            _ => word,
        }
    }

    fn text(&mut self, most: usize) -> String {
        let mut text = String::new();
        for _ in 0..self.below(most + 1) {
            let word = if self.below(60) == 0 { ODD[self.below(ODD.len())].to_owned() } else { self.word() };
            text.push_str(&word);
            text.push_str([" ", ", ", ". ", "-", "_", " (", "@", "\n"][self.below(8)]);
        }
        if self.below(3) == 0 {
            text.pop();
        }
        text
    }
}

/// Writes `rows` rows to `path` in row groups of `group_rows`. About 1 % of the texts, 5 % of the lists and numbers are null.
pub fn write_sample(path: &Path, rows: usize, group_rows: usize, seed: u64) -> Result<()> {
    let mut random = Random(seed);
    let [mut package, mut name, mut summary, mut version] = [(); 4].map(|()| StringBuilder::new());
    let mut keywords = ListBuilder::new(StringBuilder::new());
    let mut downloads = Int64Builder::new();
    for row in 0..rows {
        package.append_value(format!("{}{}{row}", if row % 3 == 0 { "@scope-of-many/" } else { "" }, random.word()));
        name.append_option((random.below(100) > 0).then(|| random.text(8)));
        let words = if random.below(200) == 0 { 900 } else { 60 };
        summary.append_option((random.below(100) > 0).then(|| random.text(words)));
        let list = random.below(20) > 0;
        for _ in 0..if list { random.below(5) } else { 0 } {
            let word = random.word();
            keywords.values().append_option((random.below(30) > 0).then_some(word));
        }
        keywords.append(list);
        version.append_option((random.below(50) > 0).then(|| format!("{}.{}.{}", random.below(3), random.below(20), random.below(9))));
        let number = random.next() as i64 >> random.below(60);
        downloads.append_option((random.below(20) > 0).then_some(number));
    }
    let columns: [(&str, ArrayRef); 6] = [
        ("package", Arc::new(package.finish())),
        ("name", Arc::new(name.finish())),
        ("summary", Arc::new(summary.finish())),
        ("keywords", Arc::new(keywords.finish())),
        ("version", Arc::new(version.finish())),
        ("downloads", Arc::new(downloads.finish())),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, name != "package")))?;
    // Small pages and dictionaries, so that a chunk begins in dictionary pages and goes on in plain ones.
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_max_row_group_row_count(Some(group_rows))
        .set_data_page_size_limit(16 << 10)
        .set_dictionary_page_size_limit(32 << 10)
        .set_write_batch_size(64)
        .build();
    let mut writer = ArrowWriter::try_new(File::create(path)?, batch.schema(), Some(properties))?;
    writer.write(&batch)?;
    writer.close()?;
    Ok(())
}
