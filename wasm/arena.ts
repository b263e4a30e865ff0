// Bump memory: one pointer, 16-byte aligned, reset between shards, nothing is ever freed on its own.
//
//   0 ........ __heap_base ................................ top ........... memory.size()
//   | statics  | blocks handed out since the last reset     | free          |

let top: usize = __heap_base;

/** Hands out `bytes` (16-aligned, not zeroed), growing memory where needed; traps beyond 4 GiB. */
export function alloc(bytes: usize): usize {
  const start = (top + 15) & ~(<usize>15);
  const end = start + bytes;
  const have = (<usize>memory.size()) << 16;
  if (end > have || end < start) {
    // Grow by a quarter at least, so that a growing arena asks the engine rarely.
    const wanted = max<usize>(end - have, have >> 2);
    if (memory.grow(<i32>((wanted + 0xffff) >> 16)) < 0) {
      if (end < start || memory.grow(<i32>((end - have + 0xffff) >> 16)) < 0) unreachable();
    }
  }
  top = end;
  return start;
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
