/** The ladder's first step: how stored fields are compressed when time is short. */
import { KERNEL_LEVEL, type StoredCompression } from '../segment/compress.js';

/** The next cheaper way: the kernel's own level before none at all; undefined where nothing is cheaper. */
export function fasterStored({ codec, level }: StoredCompression): StoredCompression | undefined {
  if (codec === 'none') return undefined;
  return level > KERNEL_LEVEL ? { codec: 'deflate', level: KERNEL_LEVEL } : { codec: 'none', level: 0 };
}

/** All that parts of one configuration may be stored by, the configured way first. */
export function storedChoices(configured: StoredCompression): readonly StoredCompression[] {
  const faster = fasterStored(configured);
  return faster === undefined ? [configured] : [configured, faster];
}
