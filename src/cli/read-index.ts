/** Opens an index for reading, with the tokenizer that it was built with. */
import { analyze } from '../kernel/analyze.js';
import { type IndexReader, openIndex } from '../search/index-reader.js';
import { type IndexOptions, openIndexStore } from './index-options.js';
import type { CommandContext } from './terminal.js';

/** Opens the newest generation for `read`, and closes the store behind it. */
export async function readIndex<T>(
  options: IndexOptions,
  { clock }: CommandContext,
  read: (index: IndexReader) => Promise<T>,
): Promise<T> {
  const store = await openIndexStore(options, clock);
  try {
    return await read(await openIndex(store, { analyze, clock }));
  } finally {
    store.close();
  }
}
