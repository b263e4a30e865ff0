// The contract with the host: version, sizes, status codes. The host reads these from the exports and holds none of them itself.

/** Raised whenever an export changes its meaning; the host refuses any other. */
export const ABI_VERSION: u32 = 2;

export const STATUS_OK: u32 = 0;

/** Stands in for the runtime's abort: no strings, no host call, just a trap that discards the instance. */
export function trap(_message: usize, _file: usize, _line: u32, _column: u32): void {
  unreachable();
}
