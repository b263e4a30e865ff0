/**
 * Partition folders newest first, level by level, for templates whose text order is time order.
 *
 * A store lists in ascending order only, so the newest names of a long level are found by asking for a short window
 * that ends at the upper bound, then for longer and longer ones before it. A window that turns out to hold more than a
 * page is halved and its later half asked first. The five newest of 50,000 partitions take 6 to 9 requests, objects
 * included, and at most 20 after 400 days of silence.
 */

import { compareKeys } from '../base/key-order.js';
import type { ListPage } from '../store/store.js';
import { ALL_TIME, formatLevel, matchLevel, SLOT_MS, slotStart, type TimeFields, type TimeRange } from './key.js';
import type { Lister } from './lister.js';
import { noteIgnored, type Sightings } from './sightings.js';
import type { PartitionTemplate, TemplateLevel } from './template.js';

/** A partition's folder and the start of its slot. */
export interface PartitionFolder {
  readonly time: number;
  readonly prefix: string;
}

/** Slots in the first window: half a page, so that it answers in one request even where every slot is taken twice over. */
const FIRST_WINDOW_SLOTS = 500;

/** Growth of the windows: from 500 minutes back to 1970 in 8 steps. */
const WINDOW_GROWTH = 4;

interface Child {
  readonly prefix: string;
  readonly fields: TimeFields;
  readonly range: TimeRange;
}

/** Where a descent stands: a folder, what its names said, and the inclusive bounds of the times still wanted below it. */
interface Place {
  readonly depth: number;
  readonly prefix: string;
  readonly fields: TimeFields;
  readonly first: number;
  readonly last: number;
}

/** Yields the partition folders of `(from, to]` newest first; requests are made as the consumer asks on. */
export async function* foldersNewestFirst(
  lister: Lister,
  template: PartitionTemplate,
  bounds: { from: number; to: number },
  seen: Sightings,
): AsyncGenerator<PartitionFolder> {
  const walk = new Descent(lister, template, bounds.to, seen);
  yield* walk.below({ depth: 0, prefix: '', fields: {}, first: bounds.from + 1, last: bounds.to });
}

class Descent {
  readonly #lister: Lister;
  readonly #template: PartitionTemplate;
  readonly #to: number;
  readonly #seen: Sightings;

  constructor(lister: Lister, template: PartitionTemplate, to: number, seen: Sightings) {
    this.#lister = lister;
    this.#template = template;
    this.#to = to;
    this.#seen = seen;
  }

  async *below(place: Place): AsyncGenerator<PartitionFolder> {
    const level = this.#template.levels[place.depth]!;
    const isLeaf = place.depth === this.#template.levels.length - 1;
    for await (const child of isLeaf ? this.#listed(level, place) : this.#children(level, place)) {
      const first = Math.max(place.first, child.range.from);
      const last = Math.min(place.last, child.range.to - 1);
      if (!isLeaf)
        yield* this.below({ depth: place.depth + 1, prefix: child.prefix, fields: child.fields, first, last });
      else if (child.range.from >= place.first) yield { time: child.range.from, prefix: child.prefix };
    }
  }

  /** Where the bounds leave one name only, it need not be asked for. */
  async *#children(level: TemplateLevel, place: Place): AsyncGenerator<Child> {
    const name = formatLevel(level, place.last);
    if (name !== formatLevel(level, place.first)) {
      yield* this.#listed(level, place);
      return;
    }
    const match = matchLevel(level, name, place.fields);
    if (match.ok) yield { prefix: `${place.prefix}${name}/`, fields: match.fields, range: match.range };
  }

  /** Windows of growing length from the upper bound down to the lower one, cut at slot edges so that none overlaps. */
  async *#listed(level: TemplateLevel, place: Place): AsyncGenerator<Child> {
    const slot = level.slot!; // names differ, so the level says some unit
    let windowMs = FIRST_WINDOW_SLOTS * SLOT_MS[slot];
    for (let last = place.last; last >= place.first; ) {
      const first = Math.max(place.first, slotStart(slot, Math.max(ALL_TIME.from, last - windowMs + 1)));
      yield* this.#window(level, { ...place, first, last });
      last = slotStart(slot, first) - 1;
      windowMs *= WINDOW_GROWTH;
    }
  }

  async *#window(level: TemplateLevel, place: Place): AsyncGenerator<Child> {
    const slot = level.slot!;
    const end = `${place.prefix}${formatLevel(level, place.last)}/`;
    const startAfter = `${place.prefix}${formatLevel(level, place.first)}`;
    const children: Child[] = [];
    let at: { startAfter?: string; token?: string } = { startAfter };
    for (;;) {
      const page = await this.#lister.page({ prefix: place.prefix, delimiter: '/', ...at });
      const isOver = this.#read(level, place, page, end, children);
      if (isOver || page.next === undefined) break;
      const listedTo = children.at(-1)?.range.to;
      if (listedTo !== undefined && listedTo <= place.last) {
        const middle = slotStart(slot, (listedTo + place.last) / 2);
        yield* this.#window(level, { ...place, first: Math.max(middle, listedTo), last: place.last });
        if (middle > listedTo)
          yield* this.#window(level, { ...place, first: listedTo, last: slotStart(slot, middle) - 1 });
        break;
      }
      at = { token: page.next }; // a whole page without a partition: nothing to halve by
    }
    yield* children.reverse();
  }

  /** Reads a page's names into `children`; true when it went beyond `end`. */
  #read(level: TemplateLevel, place: Place, page: ListPage, end: string, children: Child[]): boolean {
    for (const object of page.objects) noteIgnored(this.#seen, object.key, `no folder ${level.text}`);
    let isOver = false;
    for (const prefix of page.prefixes) {
      const match = matchLevel(level, prefix.slice(place.prefix.length, -1), place.fields);
      if (!match.ok) noteIgnored(this.#seen, prefix, match.reason);
      else if (match.range.from > this.#to) this.#seen.future.set(prefix, match.range.from);
      else if (compareKeys(prefix, end) <= 0) children.push({ prefix, fields: match.fields, range: match.range });
      isOver ||= compareKeys(prefix, end) > 0;
    }
    return isOver;
  }
}
