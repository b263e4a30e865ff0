//! A build: every thread gathers its share of the documents; then terms are sorted and inverted, share by share; then all threads
//! write ranges of terms.

use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use peer::Result;

use crate::footer::{RowGroup, read_footer};
use crate::gather::{DOWNLOADS, FIELDS, Gathered, KEYWORD, TEXT};
use crate::invert::{Entry, Field};
use crate::memory::Big;
use crate::numbers::numeric_column;
use crate::reader::Reader;
use crate::segment::Segment;
use crate::ticks::{Ticks, ms, now};
use crate::units::{MAX_THREADS, Scratch, TextRange, cut, norm_of, write_keyword, write_section, write_text};

/// A range of terms holds about this many tokens: its output (some 700 KB) is written while it is in the cache.
const TOKENS_A_PART: usize = 256 << 10;

/// What stays from one build to the next: memory, no knowledge.
pub struct Workspace {
    gathered: Vec<Gathered>,
    scratch: Vec<Scratch>,
}

impl Workspace {
    pub fn new(threads: usize) -> Self {
        let threads = threads.min(MAX_THREADS);
        Workspace { gathered: (0..threads).map(|_| Gathered::new()).collect(), scratch: (0..threads).map(|_| Scratch::new()).collect() }
    }
}

pub type Phases = Vec<(&'static str, f64)>;

/// Builds the index; returns it opened again, and cumulative milliseconds by phase.
pub fn build(workspace: &mut Workspace, parquet: &Path, index: &Path) -> Result<(Reader, Phases)> {
    let clock = Instant::now();
    let file = File::open(parquet)?;
    let groups = read_footer(&file)?;
    let shares = share_out(&groups, workspace.gathered.len());
    run_all(workspace.gathered.iter_mut().zip(&shares), |(own, groups)| own.read(&file, groups))?;
    let gathered_ms = clock.elapsed().as_secs_f64() * 1e3;

    let docs: usize = workspace.gathered.iter().map(|g| g.docs).sum();
    let bits = TEXT.map(|t| workspace.gathered.iter().map(|g| position_bits(&g.fields[t])).max().unwrap_or(0));
    let narrow = bits.map(|bits| bits + (usize::BITS - docs.leading_zeros()) <= u32::BITS);
    let mut first_doc = 0;
    let shares = workspace.gathered.iter_mut().map(|g| {
        first_doc += g.docs;
        (first_doc - g.docs, g)
    });
    run_all(shares, |(first, own)| Ok(invert(own, first, bits, narrow)))?;
    let inverted_ms = clock.elapsed().as_secs_f64() * 1e3;

    let segment = Segment::create(index)?;
    write_all(&workspace.gathered, &mut workspace.scratch, &segment, bits, narrow)?;
    let encoded_ms = clock.elapsed().as_secs_f64() * 1e3;
    segment.finish(docs as u64, &FIELDS)?;
    let synced_ms = clock.elapsed().as_secs_f64() * 1e3;
    let reader = Reader::open(index)?;

    // Within a half, phases alternate in every batch; their share of it is what the slowest thread's counter says.
    let slowest = workspace.gathered.iter().map(|g| g.ticks).max_by_key(Ticks::gathering).unwrap_or_default();
    let share = |ticks: i64| gathered_ms * ms(ticks) / ms(slowest.gathering()).max(1e-9);
    let sorted = gathered_ms + ms(slowest.sort).min(inverted_ms - gathered_ms);
    let phases = vec![
        ("decode", share(slowest.decode)),
        ("tokenize", share(slowest.decode + slowest.tokenize)),
        ("intern", share(slowest.decode + slowest.tokenize + slowest.intern)),
        ("columns", gathered_ms),
        ("sort", sorted),
        ("scatter", inverted_ms),
        ("encode and write", encoded_ms),
        ("fsync", synced_ms),
        ("open again", clock.elapsed().as_secs_f64() * 1e3),
    ];
    Ok((reader, phases))
}

/// Row groups in order, in `threads` stretches of about equal bytes.
fn share_out(groups: &[RowGroup], threads: usize) -> Vec<&[RowGroup]> {
    let bytes = |g: &RowGroup| g.chunks.iter().map(|c| c.uncompressed).sum::<usize>();
    let total: usize = groups.iter().map(bytes).sum();
    let (mut shares, mut begin, mut sum) = (Vec::new(), 0, 0);
    for (i, group) in groups.iter().enumerate() {
        let middle = sum + bytes(group) / 2;
        while shares.len() + 1 < threads && middle * threads > total * (shares.len() + 1) {
            shares.push(&groups[begin..i]);
            begin = i;
        }
        sum += bytes(group);
    }
    shares.push(&groups[begin..]);
    shares.resize(threads, &[]);
    shares
}

/// Calls `work` with each item on a thread of its own, the last on this one.
fn run_all<T: Send>(items: impl Iterator<Item = T>, work: impl Fn(T) -> Result<()> + Sync) -> Result<()> {
    let mut items: Vec<T> = items.collect();
    let last = items.pop();
    std::thread::scope(|scope| {
        let threads: Vec<_> = items.into_iter().map(|item| scope.spawn(|| work(item))).collect();
        let own = last.map_or(Ok(()), &work);
        let joined = threads.into_iter().map(|t| t.join().unwrap_or_else(|_| Err("a thread panicked".into())));
        joined.fold(own, |a, b| a.and(b))
    })
}

/// Bits for a position in the field's longest document.
fn position_bits(field: &Field) -> u32 {
    let most = field.per_doc.iter().copied().max().unwrap_or(0);
    (32 - most.saturating_sub(1).leading_zeros()).max(1)
}

fn invert(own: &mut Gathered, first_doc: usize, bits: [u32; 2], narrow: [bool; 2]) {
    for number in 0..own.fields.len() {
        let field = &mut own.fields[number];
        let begin = now();
        field.sort();
        let sorted = now();
        let text = TEXT.iter().position(|t| *t == number);
        field.place(text.is_some());
        match text {
            Some(t) if !narrow[t] => field.scatter(first_doc, bits[t], |f| &mut f.wide),
            Some(t) => field.scatter(first_doc, bits[t], |f| &mut f.narrow),
            None => field.scatter(first_doc, 0, |f| &mut f.narrow),
        }
        own.ticks.sort += sorted - begin;
        own.ticks.scatter += now() - sorted;
    }
}

fn write_all(all: &[Gathered], scratch: &mut [Scratch], segment: &Segment, bits: [u32; 2], narrow: [bool; 2]) -> Result<()> {
    let of = |number: usize| all.iter().map(|g| &g.fields[number]).collect::<Vec<_>>();
    let text = TEXT.map(of);
    let keyword = KEYWORD.map(of);
    let norms = text.each_ref().map(|fields| norms(fields));
    let cuts = text.each_ref().map(|fields| cut(fields, TOKENS_A_PART));
    let parts = cuts.each_ref().map(|c| c.len() - 1);
    let next = AtomicUsize::new(0);
    run_all(scratch.iter_mut(), |scratch| {
        loop {
            // Whole fields first: they are the longest pieces.
            let mut unit = next.fetch_add(1, Ordering::Relaxed);
            if unit < KEYWORD.len() {
                write_keyword(scratch, segment, KEYWORD[unit], &keyword[unit])?;
                continue;
            }
            unit -= KEYWORD.len();
            if unit == 0 {
                write_rest(all, segment, &norms)?;
                continue;
            }
            unit -= 1;
            let Some(t) = (0..2).find(|t| unit < parts[..=*t].iter().sum()) else { return Ok(()) };
            let part = unit - parts[..t].iter().sum::<usize>();
            let range = Part { fields: &text[t], number: TEXT[t], part, cuts: &cuts[t], bits: bits[t], norms: &norms[t] };
            if narrow[t] { range.write(scratch, segment, |f| &f.narrow)? } else { range.write(scratch, segment, |f| &f.wide)? }
        }
    })
}

struct Part<'a> {
    fields: &'a [&'a Field],
    number: usize,
    part: usize,
    cuts: &'a [Vec<usize>],
    bits: u32,
    norms: &'a [u8],
}

impl Part<'_> {
    fn write<E: Entry>(&self, scratch: &mut Scratch, segment: &Segment, entries: fn(&Field) -> &Big<E>) -> Result<()> {
        let entries: Vec<&Big<E>> = self.fields.iter().map(|f| entries(f)).collect();
        let (begin, end) = (&self.cuts[self.part], &self.cuts[self.part + 1]);
        let range = TextRange {
            field: self.number,
            part: self.part,
            fields: self.fields,
            entries: &entries,
            begin,
            end,
            position_bits: self.bits,
            norms: self.norms,
        };
        write_text(scratch, segment, &range)
    }
}

fn norms(fields: &[&Field]) -> Vec<u8> {
    fields.iter().flat_map(|f| f.per_doc.iter().map(|n| norm_of(*n))).collect()
}

fn write_rest(all: &[Gathered], segment: &Segment, norms: &[Vec<u8>; 2]) -> Result<()> {
    for (number, norms) in TEXT.iter().zip(norms) {
        write_section(segment, *number, "norms", norms)?;
    }
    let numbers: Vec<i64> = all.iter().flat_map(|g| g.numbers.iter().copied()).collect();
    let there: Vec<bool> = all.iter().flat_map(|g| g.there.iter().copied()).collect();
    write_section(segment, DOWNLOADS, "column", numeric_column(&numbers, &there).bytes())
}
