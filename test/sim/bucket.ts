/** One prefix of the simulated store: its objects, what was ever under each key, and who is told of a change. */
import type { ListPage, ObjectInfo } from '#src/store/store.js';
import { MemoryStore } from '../support/memory-store.js';
import type { SimProcess } from './process.js';

/** One content of a key, from when to when. */
export interface Revision {
  readonly info: ObjectInfo;
  readonly bytes: Uint8Array;
  readonly since: number;
  /** When it was replaced or deleted. */
  until: number;
}

export interface BucketWatch {
  readonly onPut?: (info: ObjectInfo, bytes: Uint8Array, by: SimProcess | undefined, replaced: boolean) => void;
  readonly onDelete?: (key: string, by: SimProcess | undefined) => void;
}

export class Bucket {
  readonly store: MemoryStore;
  /** By key, oldest first. */
  readonly revisions = new Map<string, Revision[]>();

  /** @param coarse whether times are told in whole seconds, as in the headers of HTTP */
  constructor(
    private readonly clock: { readonly now: number },
    name: string,
    coarse: boolean,
    private readonly watch: BucketWatch = {},
  ) {
    const now = () => (coarse ? Math.floor(clock.now / 1_000) * 1_000 : clock.now);
    this.store = new MemoryStore({ now }, `memory:${name}`);
  }

  async put(key: string, bytes: Uint8Array, by?: SimProcess): Promise<ObjectInfo> {
    const info = await this.store.put(key, bytes);
    const known = this.revisions.get(key) ?? [];
    const current = known.at(-1);
    const replaced = current !== undefined && current.until === Number.POSITIVE_INFINITY;
    if (replaced) current.until = this.clock.now;
    known.push({ info, bytes, since: this.clock.now, until: Number.POSITIVE_INFINITY });
    this.revisions.set(key, known);
    this.watch.onPut?.(info, bytes, by, replaced);
    return info;
  }

  async putIfAbsent(key: string, bytes: Uint8Array, by?: SimProcess): Promise<'created' | 'exists'> {
    if (this.current(key) !== undefined) return 'exists';
    await this.put(key, bytes, by);
    return 'created';
  }

  async delete(key: string, by?: SimProcess): Promise<void> {
    const current = this.current(key);
    if (current === undefined) return;
    this.watch.onDelete?.(key, by);
    current.until = this.clock.now;
    await this.store.delete(key);
  }

  /** What stands under a key now. */
  current(key: string): Revision | undefined {
    const last = this.revisions.get(key)?.at(-1);
    return last?.until === Number.POSITIVE_INFINITY ? last : undefined;
  }

  /** Every object that is there, in no order. */
  *all(): Generator<Revision> {
    for (const key of this.revisions.keys()) {
      const revision = this.current(key);
      if (revision !== undefined) yield revision;
    }
  }

  /** The page as a store told it that has not heard of the last `lagMs` yet: objects as they were, new ones left out. */
  staleBy(page: ListPage, lagMs: number): ListPage {
    const then = this.clock.now - lagMs;
    const objects = page.objects.flatMap(({ key }) => {
      const before = this.revisions.get(key)!.findLast(({ since, until }) => since <= then && then < until);
      return before === undefined ? [] : [before.info];
    });
    return { ...page, objects };
  }
}
