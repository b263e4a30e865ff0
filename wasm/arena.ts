// Bump memory: one pointer, 16-byte aligned, reset between shards, nothing is ever freed on its own.
//
//   0 ........ __heap_base ................................ top ........... memory.size()
//   | statics  | blocks handed out since the last reset     | free          |

let top: usize = __heap_base;

/** Readable bytes beyond every block, so that wide loads may run over its end. */
export const SLACK: usize = 64;

/** Hands out `bytes` (16-aligned, not zeroed), growing memory where needed; traps beyond 4 GiB. */
export function alloc(bytes: usize): usize {
  const start = (top + 15) & ~(<usize>15);
  const end = start + bytes;
  if (end < start) unreachable();
  reserve(end);
  top = end;
  return start;
}

/** Lengthens the newest block in place by `bytes`; only its owner may call this. */
export function extend(bytes: usize): void {
  const end = top + bytes;
  if (end < top) unreachable();
  reserve(end);
  top = end;
}

function reserve(end: usize): void {
  const have = (<usize>memory.size()) << 16;
  const need = end + SLACK;
  if (need < end) unreachable();
  if (need <= have) return;
  // Grow by a quarter at least, so that a growing arena asks the engine rarely.
  const wanted = max<usize>(need - have, have >> 2);
  if (memory.grow(<i32>((wanted + 0xffff) >> 16)) >= 0) return;
  if (memory.grow(<i32>((need - have + 0xffff) >> 16)) < 0) unreachable();
}

/** Same as `alloc`, all zero. */
export function allocZeroed(bytes: usize): usize {
  const start = alloc(bytes);
  memory.fill(start, 0, bytes);
  return start;
}

/** Where the next block would start: a mark to come back to. */
export function mark(): usize {
  return top;
}

/** Drops everything handed out since `mark()` gave this value. */
export function release(to: usize): void {
  top = to;
}

/** Drops everything. */
export function reset(): void {
  top = __heap_base;
}

/** Bytes in use. */
export function used(): usize {
  return top - __heap_base;
}
