/** What besides schema and objects decides a part's bytes. */
import { KERNEL_ABI } from '../kernel/abi.js';
import { DEFAULT_STORED_COMPRESSION, type StoredCompression } from '../segment/compress.js';
import { FORMAT_VERSION } from '../segment/layout.js';

/** Names the maker of parts: parts of one maker and one schema differ by their objects alone. */
export function makerOf(stored: StoredCompression = DEFAULT_STORED_COMPRESSION): string {
  return `format ${FORMAT_VERSION}, abi ${KERNEL_ABI}, ${stored.codec} ${stored.level}`;
}
