/** Open input files of this thread: footers are parsed once for all row groups that the thread decodes. */

import { type InputFile, openInput } from '../decode/input.js';
import type { PinnedObject, ShardTask } from '../shard/task.js';
import { objectSource } from '../store/byte-source.js';
import type { Store } from '../store/store.js';
import type { ReadSlice } from './build-shard.js';
import { readSlice } from './read-slice.js';
import { columnRequests } from './requests.js';

/** Slices come in order, so that few files are in use at once: one ends as the next begins. */
const MAX_OPEN = 4;

const open = new Map<string, Promise<InputFile>>();

async function inputOf(store: Store, object: PinnedObject): Promise<InputFile> {
  const key = `${store.uri}\n${object.key}\n${object.etag}`;
  const held = open.get(key);
  if (held !== undefined) return held;
  while (open.size >= MAX_OPEN) await closeOldest();
  const input = openInput(objectSource(store, object), object);
  open.set(key, input);
  try {
    return await input;
  } catch (error) {
    open.delete(key);
    throw error;
  }
}

async function closeOldest(): Promise<void> {
  const [key, input] = open.entries().next().value!;
  open.delete(key);
  (await input).close();
}

/** Binds a shard's slices to their objects. */
export function sliceReader(store: Store, task: ShardTask): ReadSlice {
  const columns = columnRequests(task.plan);
  return async (kernel, slice) => {
    const input = await inputOf(store, task.objects[slice.object]!);
    const { rowGroup, rowStart, rowEnd } = slice;
    return readSlice(kernel, input, { rowGroup, rowStart, rowEnd, columns });
  };
}
