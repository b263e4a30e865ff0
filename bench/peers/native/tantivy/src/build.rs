//! Three ways to build with Tantivy. The protocol's `--threads N` takes the fastest that ends in one segment.

use std::path::Path;
use std::sync::mpsc::sync_channel;

use arrow_array::Array;
use peer::rows::{Rows, open, string};
use peer::{Options, Result};
use tantivy::directory::MmapDirectory;
use tantivy::indexer::{NoMergePolicy, UserOperation};
use tantivy::schema::{FAST, Field, IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{LowerCaser, SimpleTokenizer, TextAnalyzer, TokenizerManager};
use tantivy::{Index, IndexBuilder, IndexSettings, IndexWriter, SingleSegmentIndexWriter, TantivyDocument};

/// N partitions at once, one thread each, left as N segments: what Tantivy does at its best where nobody asks for one segment.
pub const NO_MERGE: &str = "--no-merge";
/// N indexing threads behind Tantivy's own queue, then a merge: the way of its documentation, slower here than one segment fed by a
/// decoding thread.
pub const MERGE: &str = "--merge";

/// Bytes of memory a thread may fill before it closes a segment: more than it needs, so that it never does.
const HEAP_BYTES: usize = 2 << 30;
/// Documents that go through a queue at once.
const CHUNK_DOCS: usize = 512;

#[derive(Clone, Copy)]
struct Fields {
    package: Field,
    name: Field,
    summary: Field,
    keywords: Field,
    version: Field,
    downloads: Field,
}

fn schema() -> (Schema, Fields) {
    let text = TextFieldIndexing::default().set_tokenizer("simple_lower").set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let text = TextOptions::default().set_indexing_options(text.set_fieldnorms(true));
    let exact = TextFieldIndexing::default().set_tokenizer("raw").set_fieldnorms(false).set_index_option(IndexRecordOption::Basic);
    let exact = TextOptions::default().set_indexing_options(exact);
    let mut builder = Schema::builder();
    let fields = Fields {
        package: builder.add_text_field("package", exact.clone() | STORED),
        name: builder.add_text_field("name", text.clone()),
        summary: builder.add_text_field("summary", text),
        keywords: builder.add_text_field("keywords", exact.clone() | FAST),
        version: builder.add_text_field("version", exact | FAST),
        downloads: builder.add_i64_field("downloads", FAST),
    };
    (builder.build(), fields)
}

fn builder(threads: usize) -> (IndexBuilder, Fields) {
    let (schema, fields) = schema();
    let tokenizers = TokenizerManager::default();
    tokenizers.register("simple_lower", TextAnalyzer::builder(SimpleTokenizer::default()).filter(LowerCaser).build());
    // With one thread there is to be one: stored ids are then compressed where they are written.
    let settings = IndexSettings { docstore_compress_dedicated_thread: threads > 1, ..IndexSettings::default() };
    (Index::builder().schema(schema).tokenizers(tokenizers).settings(settings), fields)
}

fn each_document(rows: &Rows, fields: Fields, mut add: impl FnMut(TantivyDocument) -> Result<()>) -> Result<()> {
    let keywords = rows.keyword_values()?;
    for row in 0..rows.len() {
        let mut document = TantivyDocument::new();
        let texts =
            [(fields.package, &rows.package), (fields.name, &rows.name), (fields.summary, &rows.summary), (fields.version, &rows.version)];
        for (field, column) in texts {
            if let Some(value) = string(column, row) {
                document.add_text(field, value);
            }
        }
        for keyword in rows.keywords(row, &keywords) {
            document.add_text(fields.keywords, keyword);
        }
        if rows.downloads.is_valid(row) {
            document.add_i64(fields.downloads, rows.downloads.value(row));
        }
        add(document)?;
    }
    Ok(())
}

/// Builds and opens again; gives the indexes of all partitions.
pub fn build(options: &Options) -> Result<Vec<Index>> {
    let (parquet, threads) = (options.parquet()?, options.threads);
    let folders = if options.has(NO_MERGE) {
        partitions(&parquet, &options.index, threads)?
    } else {
        match (threads, options.has(MERGE)) {
            (1, _) => one_thread(&parquet, &options.index)?,
            (_, true) => merged(&parquet, &options.index, threads)?,
            (_, false) => pipeline(&parquet, &options.index)?,
        }
        vec![options.index.clone()]
    };
    let indexes = folders.iter().map(|folder| Ok(Index::open_in_dir(folder)?)).collect::<Result<Vec<_>>>()?;
    indexes.iter().try_for_each(|index| index.reader().map(drop))?;
    Ok(indexes)
}

fn single(index: &Path, threads: usize) -> Result<(SingleSegmentIndexWriter<TantivyDocument>, Fields)> {
    let (builder, fields) = builder(threads);
    Ok((builder.single_segment_index_writer(MmapDirectory::open(index)?, HEAP_BYTES)?, fields))
}

/// Decodes and indexes on this thread.
fn index_all(rows: impl Iterator<Item = Result<Rows>>, index: &Path) -> Result<()> {
    let (mut writer, fields) = single(index, 1)?;
    for rows in rows {
        each_document(&rows?, fields, |document| Ok(writer.add_document(document)?))?;
    }
    Ok(drop(writer.finalize()?))
}

fn one_thread(parquet: &Path, index: &Path) -> Result<()> {
    open(parquet, 1)?.into_iter().try_for_each(|rows| index_all(rows, index))
}

/// Another thread decodes and makes documents, this one indexes them into one segment; a third compresses stored ids.
fn pipeline(parquet: &Path, index: &Path) -> Result<()> {
    let (mut writer, fields) = single(index, 2)?;
    let rows = open(parquet, 1)?;
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(16);
        let decoder = scope.spawn(move || -> Result<()> {
            let mut chunk = Vec::with_capacity(CHUNK_DOCS);
            for rows in rows.into_iter().flatten() {
                each_document(&rows?, fields, |document| {
                    chunk.push(document);
                    if chunk.len() == CHUNK_DOCS {
                        sender.send(std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK_DOCS)))?;
                    }
                    Ok(())
                })?;
            }
            Ok(sender.send(chunk)?)
        });
        for chunk in receiver {
            for document in chunk {
                writer.add_document(document)?;
            }
        }
        decoder.join().map_err(|_| "the decoding thread panicked")??;
        Ok(drop(writer.finalize()?))
    })
}

/// N indexing threads, fed by this one, and one merge of what they made.
fn merged(parquet: &Path, index: &Path, threads: usize) -> Result<()> {
    let (builder, fields) = builder(threads);
    let index = builder.create_in_dir(index)?;
    let mut writer: IndexWriter = index.writer_with_num_threads(threads, HEAP_BYTES * threads)?;
    // One merge at the end, not several on the way.
    writer.set_merge_policy(Box::new(NoMergePolicy));
    let mut chunk = Vec::with_capacity(CHUNK_DOCS);
    for rows in open(parquet, 1)?.into_iter().flatten() {
        each_document(&rows?, fields, |document| {
            chunk.push(UserOperation::Add(document));
            if chunk.len() == CHUNK_DOCS {
                writer.run(std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK_DOCS)))?;
            }
            Ok(())
        })?;
    }
    writer.run(chunk)?;
    writer.commit()?;
    let segments = index.searchable_segment_ids()?;
    if segments.len() > 1 {
        writer.merge(&segments).wait()?;
        writer.garbage_collect_files().wait()?;
    }
    Ok(writer.wait_merging_threads()?)
}

fn partitions(parquet: &Path, index: &Path, threads: usize) -> Result<Vec<std::path::PathBuf>> {
    let parts = open(parquet, threads)?;
    let folders: Vec<_> = (0..parts.len()).map(|i| index.join(format!("part-{i}"))).collect();
    std::thread::scope(|scope| {
        let builds: Vec<_> = parts
            .into_iter()
            .zip(&folders)
            .map(|(rows, folder)| {
                scope.spawn(move || {
                    std::fs::create_dir(folder)?;
                    index_all(rows, folder)
                })
            })
            .collect();
        builds.into_iter().try_for_each(|build| build.join().map_err(|_| "an indexing thread panicked")?)
    })?;
    Ok(folders)
}
