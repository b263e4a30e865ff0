/** Opens the pinned objects of a partition: footers only. */

import { mapOrdered } from '../base/ordered.js';
import { type InputFile, openInput } from '../decode/input.js';
import { objectSource } from '../store/byte-source.js';
import type { PinnedPartition } from './build-part.js';
import type { RunContext } from './context.js';

export interface PinnedInput {
  readonly key: string;
  readonly file: InputFile;
}

/** Opening is one or two small reads; side by side, since on an object store each waits for an answer. */
const OPEN_AT_ONCE = 16;

export async function openInputs(context: RunContext, partition: PinnedPartition): Promise<PinnedInput[]> {
  const inputs: PinnedInput[] = [];
  const opening = mapOrdered(partition.objects, OPEN_AT_ONCE, async (object) => ({
    key: object.key,
    file: await openInput(objectSource(context.source, object, context.signal), object),
  }));
  try {
    for await (const input of opening) inputs.push(input);
    return inputs;
  } catch (error) {
    for (const { file } of inputs) file.close();
    throw error;
  }
}
