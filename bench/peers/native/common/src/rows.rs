//! The corpus through arrow-rs, projected to the columns of the bench schema.

use std::fs::File;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, Int64Array, ListArray, RecordBatch, StringArray};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use crate::Result;

/// Rows decoded at a time: about a megabyte of the bench corpus's text. arrow-rs's default is 1,024.
const BATCH_ROWS: usize = 4096;
const COLUMNS: [&str; 6] = ["package", "name", "summary", "keywords", "version", "downloads"];

/// Columns of some consecutive rows.
pub struct Rows {
    pub package: StringArray,
    pub name: StringArray,
    pub summary: StringArray,
    keywords: ListArray,
    pub version: StringArray,
    pub downloads: Int64Array,
}

impl Rows {
    fn new(batch: &RecordBatch) -> Result<Self> {
        let column = |name: &str| batch.column_by_name(name).ok_or_else(|| format!("no column {name}"));
        let string = |name: &str| -> Result<StringArray> {
            Ok(column(name)?.as_string_opt::<i32>().ok_or_else(|| format!("{name}: not a string"))?.clone())
        };
        Ok(Rows {
            package: string("package")?,
            name: string("name")?,
            summary: string("summary")?,
            keywords: column("keywords")?.as_list_opt::<i32>().ok_or("keywords: not a list")?.clone(),
            version: string("version")?,
            downloads: column("downloads")?.as_primitive_opt::<Int64Type>().ok_or("downloads: not an int64")?.clone(),
        })
    }

    pub fn len(&self) -> usize {
        self.package.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The keywords of a row, each one once.
    pub fn keywords<'a>(&self, row: usize, values: &'a StringArray) -> impl Iterator<Item = &'a str> + use<'a> {
        let offsets = self.keywords.value_offsets();
        let range = if self.keywords.is_null(row) { 0..0 } else { offsets[row] as usize..offsets[row + 1] as usize };
        let begin = range.start;
        let at = |i: usize| values.is_valid(i).then(|| values.value(i));
        range.filter_map(move |i| at(i).filter(|word| (begin..i).all(|j| at(j) != Some(*word))))
    }

    /// What `keywords` points into.
    pub fn keyword_values(&self) -> Result<StringArray> {
        Ok(self.keywords.values().as_string_opt::<i32>().ok_or("keywords: not a list of strings")?.clone())
    }
}

/// One value of a nullable column.
pub fn string(array: &StringArray, row: usize) -> Option<&str> {
    array.is_valid(row).then(|| array.value(row))
}

/// Opens the file and gives its row groups in `parts` consecutive stretches, each with a reader of its own.
pub fn open(path: &Path, parts: usize) -> Result<Vec<impl Iterator<Item = Result<Rows>> + Send + use<>>> {
    let file = File::open(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())?;
    let groups = metadata.metadata().num_row_groups();
    let reader = |part: usize| -> Result<ParquetRecordBatchReader> {
        let own = (groups * part / parts..groups * (part + 1) / parts).collect();
        let schema = metadata.metadata().file_metadata().schema_descr();
        let mask = ProjectionMask::columns(schema, COLUMNS);
        // A file of its own: arrow-rs seeks before it reads, and clones of one file share their place between threads.
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(File::open(path)?, metadata.clone());
        Ok(builder.with_projection(mask).with_batch_size(BATCH_ROWS).with_row_groups(own).build()?)
    };
    (0..parts).map(|part| Ok(reader(part)?.map(|batch| Rows::new(&batch?)))).collect()
}
