//! The bound's index, read back whole, against an index made the plain way from the same rows (read by arrow-rs).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use arrow_array::Array;
use bound::build::{Workspace, build};
use bound::reader::{Bytes, Reader, TermInfo};
use peer::Result;
use peer::rows::{open, string};
use peer::sample::write_sample;

/// Term -> documents, each with the positions of the term in it.
type Postings = BTreeMap<Vec<u8>, Vec<(u32, Vec<u32>)>>;

#[derive(Default)]
struct Plain {
    text: [Postings; 2],
    lengths: [Vec<u32>; 2],
    exact: [BTreeMap<Vec<u8>, BTreeSet<u32>>; 3],
    values: [Vec<BTreeSet<Vec<u8>>>; 3],
    numbers: Vec<Option<i64>>,
}

const TEXT: [&str; 2] = ["name", "summary"];
const EXACT: [&str; 3] = ["package", "keywords", "version"];

fn tokens(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    words.map(|w| w.chars().flat_map(char::to_lowercase).collect()).collect()
}

fn plain(parquet: &Path) -> Result<Plain> {
    let mut plain = Plain::default();
    let mut doc = 0;
    for rows in open(parquet, 1)?.into_iter().flatten() {
        let rows = rows?;
        let keywords = rows.keyword_values()?;
        for row in 0..rows.len() {
            for (t, column) in [&rows.name, &rows.summary].into_iter().enumerate() {
                let tokens = string(column, row).map(tokens).unwrap_or_default();
                plain.lengths[t].push(tokens.len() as u32);
                for (position, token) in tokens.into_iter().enumerate() {
                    let list = plain.text[t].entry(token.into_bytes()).or_default();
                    match list.last_mut() {
                        Some((last, positions)) if *last == doc => positions.push(position as u32),
                        _ => list.push((doc, vec![position as u32])),
                    }
                }
            }
            let all = [
                string(&rows.package, row).into_iter().collect(),
                rows.keywords(row, &keywords).collect(),
                string(&rows.version, row).into_iter().collect::<Vec<_>>(),
            ];
            for (e, values) in all.into_iter().enumerate() {
                let values: BTreeSet<Vec<u8>> = values.into_iter().map(|v: &str| v.as_bytes().to_vec()).collect();
                for value in &values {
                    plain.exact[e].entry(value.clone()).or_default().insert(doc);
                }
                plain.values[e].push(values);
            }
            plain.numbers.push(rows.downloads.is_valid(row).then(|| rows.downloads.value(row)));
            doc += 1;
        }
    }
    Ok(plain)
}

fn lanes(bytes: &mut Bytes, bits: u32) -> Result<Vec<u32>> {
    let packed = bytes.take(16 * bits as usize)?;
    let value = |i: usize| {
        (0..bits as usize).fold(0u32, |value, b| {
            let bit = (i >> 2) * bits as usize + b;
            let byte = packed[16 * (bit / 32) + 4 * (i & 3) + bit % 32 / 8];
            value | u32::from(byte >> (bit % 8) & 1) << b
        })
    };
    Ok((0..128).map(value).collect())
}

fn bit_row(packed: &[u8], bits: usize, i: usize) -> u64 {
    (0..bits).fold(0, |value, b| value | u64::from(packed[(i * bits + b) / 8] >> ((i * bits + b) % 8) & 1) << b)
}

fn positions(bytes: &mut Bytes, freqs: &[u32]) -> Result<Vec<Vec<u32>>> {
    let total = freqs.iter().sum::<u32>() as usize;
    let mut gaps = Vec::new();
    while total - gaps.len() >= 128 {
        let bits = bytes.byte()?;
        gaps.extend(lanes(bytes, u32::from(bits))?);
    }
    let rest = total - gaps.len();
    if rest < 16 {
        for _ in 0..rest {
            gaps.push(bytes.varint()? as u32);
        }
    } else {
        let bits = usize::from(bytes.byte()?);
        let packed = bytes.take((rest * bits).div_ceil(8))?;
        gaps.extend((0..rest).map(|i| bit_row(packed, bits, i) as u32));
    }
    let mut gaps = gaps.into_iter();
    let one = |freq: &u32| {
        let mut at = 0;
        gaps.by_ref()
            .take(*freq as usize)
            .map(|gap| {
                at += gap;
                at
            })
            .collect()
    };
    Ok(freqs.iter().map(one).collect())
}

/// Decodes a list and holds its skip data against it.
fn decode(list: &[u8], info: &TermInfo, is_text: bool, norms: &[u8]) -> Result<Vec<(u32, Vec<u32>)>> {
    let (body, skip) = list.split_at(list.len() - info.skip_bytes as usize);
    let (mut bytes, mut skip) = (Bytes(body), Bytes(skip));
    let (mut all, mut last, mut skipped) = (Vec::new(), u32::MAX, u32::MAX);
    while all.len() < info.doc_freq as usize {
        let left = bytes.0.len();
        let (mut docs, mut freqs) = (Vec::new(), Vec::new());
        if info.doc_freq as usize - all.len() >= 128 {
            last = last.wrapping_add(bytes.varint()? as u32).wrapping_add(1);
            let (gap_bits, freq_bits) = (bytes.byte()?, if is_text { bytes.byte()? } else { 0 });
            for (i, gap) in lanes(&mut bytes, u32::from(gap_bits))?.into_iter().enumerate() {
                last += if i == 0 { 0 } else { gap + 1 };
                docs.push(last);
            }
            freqs = lanes(&mut bytes, u32::from(freq_bits))?.into_iter().map(|f| f + 1).collect();
        } else {
            for _ in all.len()..info.doc_freq as usize {
                let head = bytes.varint()? as u32;
                let (gap, freq) = match (is_text, head & 1) {
                    (false, _) => (head, 1),
                    (true, 1) => (head >> 1, 1),
                    (true, _) => (head >> 1, bytes.varint()? as u32 + 2),
                };
                last = last.wrapping_add(gap).wrapping_add(1);
                docs.push(last);
                freqs.push(freq);
            }
        }
        let before = bytes.0.len();
        let found = if is_text { positions(&mut bytes, &freqs)? } else { vec![Vec::new(); docs.len()] };
        if info.doc_freq >= 128 {
            assert_eq!(skip.varint()? as u32, last.wrapping_sub(skipped), "last document of a block");
            assert_eq!(skip.varint()? as usize, left - bytes.0.len(), "bytes of a block");
            if is_text {
                assert_eq!(skip.varint()? as usize, before - bytes.0.len(), "bytes of its positions");
                assert_eq!(skip.varint()? as u32, *freqs.iter().max().unwrap(), "largest frequency");
                assert_eq!(skip.byte()?, docs.iter().map(|d| norms[*d as usize]).min().unwrap(), "least norm");
            }
            skipped = last;
        }
        all.extend(docs.into_iter().zip(found));
    }
    assert!(bytes.0.is_empty() && skip.0.is_empty(), "bytes behind a list");
    Ok(all)
}

/// Term ordinals of each document.
fn ordinals(section: &[u8], docs: usize) -> Vec<Vec<u64>> {
    let (multi, bits, offset_bits) = (section[0], usize::from(section[1]), usize::from(section[2]));
    if multi == 0 {
        let of = |doc| bit_row(&section[8..], bits, doc).checked_sub(1).into_iter().collect();
        return (0..docs).map(of).collect();
    }
    let offset = |i| bit_row(&section[8..], offset_bits, i) as usize;
    let values = &section[8 + ((docs + 1) * offset_bits).div_ceil(8) + 8..];
    (0..docs).map(|doc| (offset(doc)..offset(doc + 1)).map(|i| bit_row(values, bits, i)).collect()).collect()
}

fn numbers(section: &[u8], docs: usize) -> Vec<Option<i64>> {
    let blocks = docs.div_ceil(1024);
    let word = |at: usize| u64::from_le_bytes(section[at..at + 8].try_into().unwrap());
    let there = |doc: usize| section[0] == 0 || section[8 + doc / 8] >> (doc % 8) & 1 != 0;
    let value = |doc: usize| {
        let at = word(section.len() - 8 * blocks + 8 * (doc / 1024)) as usize;
        let bits = section[at + 8] as usize;
        (word(at)).wrapping_add(bit_row(&section[at + 16..], bits, doc % 1024)) as i64
    };
    (0..docs).map(|doc| there(doc).then(|| value(doc))).collect()
}

/// Lucene's norm by its own table of boundaries: the largest length that a byte stands for is not above the true one.
fn length_of(norm: u8) -> u32 {
    if norm < 24 {
        return u32::from(norm);
    }
    let (bits, shift) = (u32::from(norm - 24) & 7, u32::from(norm - 24) >> 3);
    24 + if shift == 0 { bits } else { (bits | 8) << (shift - 1) }
}

fn compare(reader: &Reader, plain: &Plain) -> Result<()> {
    let docs = plain.numbers.len();
    assert_eq!(reader.docs as usize, docs);
    for (t, field) in TEXT.into_iter().enumerate() {
        let norms = reader.section(field, "norms")?;
        for (length, norm) in plain.lengths[t].iter().zip(&norms) {
            assert!(length_of(*norm) <= *length && (*norm == 255 || *length < length_of(norm + 1)), "norm {norm} of length {length}");
        }
        let terms = reader.all_terms(field)?;
        assert_eq!(terms.iter().map(|i| &i.term).collect::<Vec<_>>(), plain.text[t].keys().collect::<Vec<_>>(), "terms of {field}");
        assert_eq!(reader.term_count(field)? as usize, terms.len());
        assert_eq!(reader.tokens(field)?, plain.lengths[t].iter().map(|n| u64::from(*n)).sum::<u64>());
        for (info, (term, expected)) in terms.iter().zip(&plain.text[t]) {
            assert_eq!(reader.find(field, term)?.as_ref(), Some(info));
            assert_eq!(info.total as usize, expected.iter().map(|(_, p)| p.len()).sum::<usize>());
            let found = decode(&reader.postings(info)?, info, true, &norms)?;
            assert_eq!(&found, expected, "{field}: {}", String::from_utf8_lossy(term));
        }
        assert_eq!(reader.find(field, b"not there")?, None);
    }
    for (e, field) in EXACT.into_iter().enumerate() {
        let terms = reader.all_terms(field)?;
        assert_eq!(terms.iter().map(|i| &i.term).collect::<Vec<_>>(), plain.exact[e].keys().collect::<Vec<_>>(), "terms of {field}");
        for (info, expected) in terms.iter().zip(plain.exact[e].values()) {
            let found = decode(&reader.postings(info)?, info, false, &[])?;
            assert!(found.iter().map(|(doc, _)| doc).eq(expected), "{field}: {}", String::from_utf8_lossy(&info.term));
        }
        for (ordinals, expected) in ordinals(&reader.section(field, "ordinals")?, docs).iter().zip(&plain.values[e]) {
            assert!(ordinals.iter().map(|o| &terms[*o as usize].term).eq(expected), "values of a document in {field}");
        }
    }
    assert_eq!(numbers(&reader.section("downloads", "column")?, docs), plain.numbers);
    Ok(())
}

fn folder(name: &str) -> Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("bound-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

#[test]
fn holds_what_a_plain_index_holds_for_any_number_of_threads_and_again_in_the_same_memory() -> Result<()> {
    let folder = folder("plain")?;
    let (first, second) = (folder.join("first.parquet"), folder.join("second.parquet"));
    write_sample(&first, 6000, 700, 1)?;
    write_sample(&second, 2500, 2500, 2)?;
    let samples = [(plain(&first)?, first), (plain(&second)?, second)];
    for threads in [1, 2, 3] {
        let mut workspace = Workspace::new(threads);
        for (plain, parquet) in [&samples[0], &samples[1], &samples[0]] {
            compare(&build(&mut workspace, parquet, &folder)?.0, plain)?;
        }
    }
    Ok(std::fs::remove_dir_all(folder)?)
}

#[test]
fn says_what_is_wrong_with_a_file_that_it_cannot_read() -> Result<()> {
    let folder = folder("broken")?;
    let parquet = folder.join("sample.parquet");
    write_sample(&parquet, 300, 300, 3)?;
    let whole = std::fs::read(&parquet)?;
    let mut workspace = Workspace::new(1);
    std::fs::write(&parquet, &whole[..whole.len() - 9])?;
    assert!(build(&mut workspace, &parquet, &folder).is_err());
    // Damage to the pages may be found or not (there is no checksum), but it never ends the process.
    let footer = u32::from_le_bytes(whole[whole.len() - 8..][..4].try_into()?) as usize;
    for at in (4..whole.len() - 8 - footer).step_by(53) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x55;
        std::fs::write(&parquet, &damaged)?;
        let _ = build(&mut workspace, &parquet, &folder);
    }
    Ok(std::fs::remove_dir_all(folder)?)
}
