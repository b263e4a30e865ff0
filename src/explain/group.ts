/** `explain group`: who delivered it, which of its documents count, and what hides the others. */
import { GROUP_FIELD } from '../segment/layout.js';
import type { Explanation, Step } from './explanation.js';
import type { Explained } from './open.js';
import { type FoundRow, placeOf, rowsOf, timeOf } from './rows.js';

/** Places of rows listed; `explain doc` tells of each. */
const MAX_LISTED = 20;

export async function explainGroup(opened: Explained, key: string): Promise<Explanation> {
  const { manifest } = opened;
  const snapshot = await opened.snapshot();
  if (!snapshot.hasGroups) {
    return { visible: false, because: [{ step: 'schema', detail: 'the schema names no group column' }] };
  }
  const rows = await rowsOf(snapshot, GROUP_FIELD, key);
  const live = rows.filter((row) => row.live);
  if (rows.length === 0) {
    const detail = `no segment of generation ${manifest.generation} has a row of this group`;
    return { visible: false, because: [{ step: 'absent', detail }] };
  }
  const times = [...new Set(rows.map(({ partitionTime }) => partitionTime))].sort((a, b) => b - a);
  const deliveredBy = (time: number) => rows.filter(({ partitionTime }) => partitionTime === time);
  const because = times.map((time) => deliveryStep(time, deliveredBy(time), times[0]!, manifest.schema.replace));
  because.push(
    ...live
      .slice(0, MAX_LISTED)
      .map((row) => ({ step: 'document', detail: `${placeOf(row)}, in ${row.segment.name}` })),
  );
  if (live.length > MAX_LISTED) because.push({ step: 'document', detail: `and ${live.length - MAX_LISTED} more` });
  return { visible: live.length > 0, because };
}

function deliveryStep(time: number, rows: readonly FoundRow[], newest: number, replace: 'record' | 'group'): Step {
  const documents = rows.filter(({ docId }) => docId !== undefined);
  const live = documents.filter((row) => row.live).length;
  const deletions = rows.length - documents.length;
  const counts = `${documents.length} documents, ${live} of them live, ${deletions} deletions`;
  if (replace === 'record') return { step: 'partition', detail: `${timeOf(time)}: ${counts}` };
  const fate =
    time === newest ? 'the newest delivery, which stands whole' : `replaced whole by partition ${timeOf(newest)}`;
  return { step: 'delivery', detail: `${timeOf(time)}: ${counts}; ${fate}` };
}
