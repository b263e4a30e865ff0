//! Growing arrays on huge pages: a table of 16 MB spans 4,096 plain pages, more than a TLB of the day holds, and is met in no order.
//! They keep their memory from one build to the next. Small ones stay on plain pages: with huge ones for all, the peak of a build on one
//! thread was 270 MB instead of 194 MB.

use std::ops::{Deref, DerefMut};
use std::ptr::null_mut;

/// An array of plain numbers. Elements that were never written are zero after `reset_zeroed`, else anything of an earlier build.
pub struct Big<T: Copy> {
    at: *mut T,
    len: usize,
    capacity: usize,
}

// SAFETY: it owns its mapping, as a Vec owns its allocation.
unsafe impl<T: Copy + Send> Send for Big<T> {}
// SAFETY: shared access is reading alone.
unsafe impl<T: Copy + Sync> Sync for Big<T> {}

const HUGE: usize = 2 << 20;
const PAGE: usize = 4 << 10;

/// Bytes of a mapping: huge pages for what is larger than one, plain pages below, where a whole one would lie idle.
fn mapped(bytes: usize) -> usize {
    bytes.next_multiple_of(if bytes > HUGE { HUGE } else { PAGE })
}

impl<T: Copy> Default for Big<T> {
    fn default() -> Self {
        Big { at: std::ptr::NonNull::dangling().as_ptr(), len: 0, capacity: 0 }
    }
}

impl<T: Copy> Big<T> {
    /// Room for `capacity` elements in all.
    pub fn reserve(&mut self, capacity: usize) {
        if capacity <= self.capacity {
            return;
        }
        let size = size_of::<T>();
        let old = mapped(self.capacity * size);
        let bytes = mapped(capacity.max(self.capacity * 3 / 2) * size);
        // SAFETY: a fresh anonymous mapping, or the one this array owns; both are checked for failure.
        unsafe {
            let at = if self.capacity == 0 {
                libc::mmap(null_mut(), bytes, libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0)
            } else {
                libc::mremap(self.at.cast(), old, bytes, libc::MREMAP_MAYMOVE)
            };
            assert!(at != libc::MAP_FAILED, "out of memory: {bytes} bytes");
            if bytes > HUGE {
                libc::madvise(at, bytes, libc::MADV_HUGEPAGE);
            }
            self.at = at.cast();
        }
        self.capacity = bytes / size;
    }

    /// Makes it `len` elements long; new ones hold whatever the memory held.
    pub fn set_len(&mut self, len: usize) {
        self.reserve(len);
        self.len = len;
    }

    /// Makes it `len` zeros.
    pub fn reset_zeroed(&mut self, len: usize) {
        self.set_len(len);
        // SAFETY: all users hold plain numbers, for which zero bytes are a value.
        unsafe { self.at.write_bytes(0, len) };
    }

    pub fn push(&mut self, value: T) {
        if self.len == self.capacity {
            self.reserve(self.len + 1);
        }
        // SAFETY: there is room for one more.
        unsafe { self.at.add(self.len).write(value) };
        self.len += 1;
    }
}

impl<T: Copy> Drop for Big<T> {
    fn drop(&mut self) {
        if self.capacity > 0 {
            let bytes = mapped(self.capacity * size_of::<T>());
            // SAFETY: the mapping is this array's own and of this size.
            unsafe { libc::munmap(self.at.cast(), bytes) };
        }
    }
}

impl<T: Copy> Deref for Big<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        // SAFETY: `len` elements are mapped; any bytes are a value of the plain numbers in use.
        unsafe { std::slice::from_raw_parts(self.at, self.len) }
    }
}

impl<T: Copy> DerefMut for Big<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as above, and the borrow is exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.at, self.len) }
    }
}

/// Asks for the cache line at `at`.
#[inline(always)]
pub fn prefetch<T>(at: *const T) {
    // SAFETY: a hint; no address is wrong.
    unsafe { std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(at.cast()) };
}
