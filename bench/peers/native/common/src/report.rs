//! The one line of JSON that a build prints.

use serde_json::{Map, Value, json};

/// What an index holds of one text field, read back from the index itself.
#[derive(Default)]
pub struct FieldCounts {
    pub name: &'static str,
    pub tokens: u64,
    pub terms: u64,
    /// docFreq of each probe, in the order of the probes.
    pub doc_freq: Vec<(String, u64)>,
}

pub struct Report {
    pub program: &'static str,
    pub version: String,
    pub docs: u64,
    pub fields: Vec<FieldCounts>,
    /// Name and milliseconds, in the order in which they happened.
    pub phases: Vec<(&'static str, f64)>,
    pub notes: String,
}

impl Report {
    pub(crate) fn to_json(&self, threads: usize, ms: f64, cpu_ms: f64, index_bytes: u64, peak_bytes: u64) -> Value {
        let by_field = |of: &dyn Fn(&FieldCounts) -> Value| -> Value {
            Value::Object(self.fields.iter().map(|f| (f.name.to_owned(), of(f))).collect())
        };
        let doc_freq = by_field(&|f| Value::Object(f.doc_freq.iter().map(|(w, n)| (w.clone(), json!(n))).collect()));
        let phases: Map<String, Value> = self.phases.iter().map(|(name, ms)| ((*name).to_owned(), rounded(*ms))).collect();
        json!({
            "program": self.program, "version": self.version, "threads": threads,
            "ms": rounded(ms), "cpuMs": rounded(cpu_ms), "indexBytes": index_bytes, "docs": self.docs,
            "tokens": by_field(&|f| json!(f.tokens)), "terms": by_field(&|f| json!(f.terms)), "docFreq": doc_freq,
            "phases": phases, "peakBytes": peak_bytes, "notes": self.notes,
        })
    }
}

fn rounded(ms: f64) -> Value {
    json!((ms * 100.0).round() / 100.0)
}
