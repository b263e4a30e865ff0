/**
 * Partition folders of templates whose text order is not time order (`%d-%m-%Y`): every level is listed whole, and only
 * folders whose own name rules them out are left alone. Right for every template, at the price of one request per
 * folder above the last level and per 1,000 names.
 */
import type { PartitionFolder } from './descend.js';
import { matchLevel, type TimeFields } from './key.js';
import type { Lister } from './lister.js';
import { noteIgnored, type Sightings } from './sightings.js';
import type { PartitionTemplate } from './template.js';

/** All partition folders of `(from, to]`, newest first. */
export async function foldersByWalking(
  lister: Lister,
  template: PartitionTemplate,
  bounds: { from: number; to: number },
  seen: Sightings,
): Promise<PartitionFolder[]> {
  const found: PartitionFolder[] = [];
  const walk = async (depth: number, prefix: string, fields: TimeFields): Promise<void> => {
    const level = template.levels[depth]!;
    let token: string | undefined;
    do {
      const page = await lister.page({ prefix, delimiter: '/', ...(token === undefined ? {} : { token }) });
      for (const object of page.objects) noteIgnored(seen, object.key, `no folder ${level.text}`);
      for (const folder of page.prefixes) {
        const match = matchLevel(level, folder.slice(prefix.length, -1), fields);
        if (!match.ok) noteIgnored(seen, folder, match.reason);
        else if (match.range.from > bounds.to) seen.future.set(folder, match.range.from);
        else if (match.range.to <= bounds.from) continue;
        else if (depth < template.levels.length - 1) await walk(depth + 1, folder, match.fields);
        else if (match.range.from > bounds.from) found.push({ time: match.range.from, prefix: folder });
      }
      token = page.next;
    } while (token !== undefined);
  };
  await walk(0, '', {});
  return found.sort((a, b) => b.time - a.time);
}
