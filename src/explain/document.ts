/** `explain doc`: every row of an id, which of them won, and where rows are that never became documents. */
import { GROUP_FIELD, ID_FIELD } from '../segment/layout.js';
import type { Explanation, Step } from './explanation.js';
import type { Explained } from './open.js';
import { rejectedRows } from './rejects.js';
import { type FoundRow, placeOf, rankOf, rowsOf, timeOf } from './rows.js';
import { rowsInSource } from './source-rows.js';

export async function explainDocument(opened: Explained, id: string): Promise<Explanation> {
  const { manifest } = opened;
  const snapshot = await opened.snapshot();
  const rows = await rowsOf(snapshot, ID_FIELD, id);
  const because: Step[] = [];
  const live = rows.find((row) => row.live);
  if (live !== undefined) because.push(...winnerSteps(live));
  else if (rows.length === 0) {
    because.push({ step: 'absent', detail: `no segment of generation ${manifest.generation} has a row of this id` });
  }
  const { replace } = manifest.schema;
  for (const row of rows) {
    if (row === live) continue;
    const why = replace === 'group' ? await whyReplaced(opened, row, live) : whySuperseded(row, live ?? rows[0]!);
    because.push({ step: row.docId === undefined ? 'tombstone' : 'superseded', detail: `${tell(row)}: ${why}` });
  }
  because.push(...(await rejectedRows(opened, id)), ...(await rowsInSource(opened, id)));
  return { visible: live !== undefined, because };
}

function winnerSteps(row: FoundRow): Step[] {
  const { segment, docId, group } = row;
  return [
    { step: 'found', detail: placeOf(row) },
    { step: 'rank', detail: rankOf(row) },
    { step: 'segment', detail: `${segment.name}, document ${docId}` },
    ...(group === undefined ? [] : [{ step: 'group', detail: group }]),
  ];
}

const tell = (row: FoundRow): string => {
  const where = row.docId === undefined ? row.segment.name : `${row.segment.name}, document ${row.docId}`;
  return `${placeOf(row)} (${rankOf(row)}; ${where})`;
};

/** `replace: record`: the highest rank of all wins. */
function whySuperseded(row: FoundRow, winner: FoundRow): string {
  if (row === winner) {
    return row.docId === undefined
      ? 'it deletes the id, and no row of a higher rank came'
      : 'hidden though it ranks highest';
  }
  const by = winner.docId === undefined ? 'the deletion' : 'the row';
  return row.docId === undefined
    ? `no longer in force, for ${by} ${placeOf(winner)} ranks higher (${rankOf(winner)})`
    : `superseded by ${by} ${placeOf(winner)} (${rankOf(winner)})`;
}

/** `replace: group`: the newest partition that delivers a group replaces it whole. */
async function whyReplaced(opened: Explained, row: FoundRow, live: FoundRow | undefined): Promise<string> {
  const { group } = row;
  const deliveries = group === undefined ? [] : await rowsOf(await opened.snapshot(), GROUP_FIELD, group);
  const latest = deliveries.reduce(
    (newest, { partitionTime }) => Math.max(newest, partitionTime),
    Number.NEGATIVE_INFINITY,
  );
  if (latest > row.partitionTime) return `group ${group} was delivered again by partition ${timeOf(latest)}`;
  if (row.docId === undefined) return 'it deletes the id within its delivery';
  if (live !== undefined && live.group !== group) return `the id has moved to group ${live.group}, ${placeOf(live)}`;
  const deletion = deliveries.find(({ docId, partitionTime }) => docId === undefined && partitionTime === latest);
  if (live === undefined && deletion !== undefined) return `deleted by ${placeOf(deletion)}`;
  return 'another row of the same delivery ranks higher';
}
