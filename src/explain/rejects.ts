/** Rows that were refused: the ledgers of covered and of quarantined partitions. */
import { REJECT_PREFIX } from '../manifest/names.js';
import type { Step } from './explanation.js';
import type { Explained } from './open.js';
import { placeOf } from './rows.js';
import { readIds } from './source-rows.js';

interface Ledger {
  /** ISO-8601. */
  readonly partition: string;
  readonly rejected: number;
  readonly rows: readonly {
    readonly object: string;
    readonly rowGroup: number;
    readonly row: number;
    readonly reason: string;
  }[];
}

/** Rows looked up in the source, at most: each is a small read. */
const MAX_LOOKED_UP = 1_000;

/** The ledgers of this generation's partitions. One listing. */
export async function ledgersOf({ index, manifest, signal }: Explained): Promise<Ledger[]> {
  const covered = new Set(manifest.coverage.partitions.map(({ part }) => part));
  const quarantined = new Set(
    manifest.coverage.skipped
      .filter(({ reason }) => reason === 'quarantined')
      .map(({ time }) => new Date(time).toISOString()),
  );
  const ledgers: Ledger[] = [];
  for (let token: string | undefined; ; ) {
    const page = await index.list({ prefix: REJECT_PREFIX, signal, ...(token === undefined ? {} : { token }) });
    for (const { key } of page.objects) {
      const isCovered = covered.has(/([0-9a-f]{32})\.json$/.exec(key)?.[1] ?? '');
      if (!isCovered && quarantined.size === 0) continue;
      const ledger = JSON.parse(new TextDecoder().decode(await index.read(key, { signal }))) as Ledger;
      if (isCovered || quarantined.has(ledger.partition)) ledgers.push(ledger);
    }
    if (page.next === undefined) return ledgers;
    token = page.next;
  }
}

/** Rejected rows of an id. A ledger names rows, not ids, so that the source is needed to tell whose they are. */
export async function rejectedRows(opened: Explained, id: string): Promise<Step[]> {
  const ledgers = await ledgersOf(opened);
  const steps: Step[] = [];
  let looked = 0;
  for (const { partition, rejected, rows } of ledgers) {
    if (opened.source === undefined) {
      const detail = `${rejected} rows of partition ${partition} were; with -c it can be told whether one of them is meant`;
      steps.push({ step: 'rejected', detail });
      continue;
    }
    for (const { object, rowGroup, row, reason } of rows) {
      if (looked++ >= MAX_LOOKED_UP) break;
      const [found] = await readIds(opened, opened.source, object, rowGroup, row, row + 1);
      if (found !== id) continue;
      const place = placeOf({ version: undefined, partitionTime: 0, objectKey: object, rowGroup, row });
      steps.push({ step: 'rejected', detail: `${place} of partition ${partition}: ${reason}` });
    }
  }
  if (looked > MAX_LOOKED_UP) {
    steps.push({ step: 'rejected', detail: `only the first ${MAX_LOOKED_UP} rejected rows were looked at` });
  }
  return steps;
}
