//! Time by phase, from the processor's time-stamp counter: a phase of a batch lasts a few microseconds, too short for a system clock.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

pub fn now() -> i64 {
    // SAFETY: every x86-64 processor has it.
    unsafe { std::arch::x86_64::_rdtsc() as i64 }
}

/// Ticks that a thread spent in each phase of its first half.
#[derive(Default, Clone, Copy)]
pub struct Ticks {
    pub decode: i64,
    pub tokenize: i64,
    pub intern: i64,
    /// Decode and intern of the columns that are not text.
    pub columns: i64,
    pub sort: i64,
    pub scatter: i64,
}

/// Ticks in milliseconds; the rate is measured once against the system's clock.
pub fn ms(ticks: i64) -> f64 {
    static PER_MS: OnceLock<f64> = OnceLock::new();
    let per_ms = PER_MS.get_or_init(|| {
        let (clock, begin) = (Instant::now(), now());
        std::thread::sleep(Duration::from_millis(20));
        (now() - begin) as f64 / (clock.elapsed().as_secs_f64() * 1e3)
    });
    ticks as f64 / per_ms
}

impl Ticks {
    pub fn gathering(&self) -> i64 {
        self.decode + self.tokenize + self.intern + self.columns
    }
}
