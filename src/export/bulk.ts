/**
 * What changed from one generation to another as actions for another engine: adds of whole documents, and deletes. The order of the
 * actions is fixed by the two generations, so that an export that broke off goes on behind any of them.
 */
import { compareBytes } from '../base/bytes.js';
import { TidemarkError } from '../base/errors.js';
import { changedDocuments } from '../search/diff.js';
import { type FieldValues, readFields, requireShown } from '../search/fields.js';
import { groupKeyOf, groupMembers } from '../search/groups.js';
import { type LiveId, liveIds } from '../search/live-ids.js';
import type { Snapshot } from '../search/snapshot.js';

/** Documents by id first, then whole groups by name: where an action stands in the order. */
export interface BulkPlace {
  readonly stage: 'documents' | 'groups';
  /** Id or group, hex. */
  readonly key: string;
}

export type BulkAction = { readonly place: BulkPlace; readonly id: string } & (
  | { readonly kind: 'add'; readonly group: string | undefined; readonly fields: FieldValues }
  | { readonly kind: 'delete' }
);

export interface BulkOptions {
  /** What the other engine has already; undefined = nothing. */
  readonly since: Snapshot | undefined;
  readonly now: Snapshot;
  /** Sends every group that changed with all its members. */
  readonly wholeGroups: boolean;
  /** Fields of the documents; every one of the schema unless told. */
  readonly fields?: readonly string[] | undefined;
  /** Goes on behind this place. */
  readonly after?: BulkPlace | undefined;
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** The fields that documents are sent with. Fails with code `usage` where one cannot be read back from the index. */
export function bulkFields(snapshot: Snapshot, fields?: readonly string[]): string[] {
  if (fields !== undefined) {
    requireShown(snapshot, fields);
    return [...fields];
  }
  const own = [...snapshot.fields.values()].filter(({ name }) => !name.startsWith('_'));
  const lost = own.filter(({ name, type }) => type === 'text' && !snapshot.stored.includes(name));
  if (lost.length > 0) {
    throw new TidemarkError(
      'usage',
      `text of ${lost.map(({ name }) => name).join(', ')} is not stored, and so cannot be sent`,
      {
        fix: 'add it to schema.stored and build a new base (build --base), or name the fields to send by --fields',
      },
    );
  }
  return [...new Set([...own.map(({ name }) => name), ...snapshot.stored])].sort();
}

export async function* bulkActions(options: BulkOptions): AsyncGenerator<BulkAction> {
  const { since, now, wholeGroups, after } = options;
  if (wholeGroups && !now.hasGroups && now.segments.length > 0) {
    throw new TidemarkError('usage', 'the documents of this index have no groups', { fix: 'leave --whole-groups out' });
  }
  const fields = bulkFields(now, options.fields);
  const groups = new Map<string, Uint8Array>();
  const noteGroup = async (snapshot: Snapshot | undefined, found: LiveId | undefined) => {
    if (!wholeGroups || snapshot === undefined || found === undefined) return false;
    const group = await groupKeyOf(snapshot, found.segment, found.docId);
    if (group !== undefined) groups.set(hex(group), group);
    return group !== undefined;
  };
  for await (const [old, found] of changesOf(since, now)) {
    const place = { stage: 'documents' as const, key: hex((found ?? old)!.id) };
    await noteGroup(since, old);
    const comesWithGroup = await noteGroup(now, found);
    if (comesWithGroup || isDone(place, after)) continue;
    if (found === undefined) yield { place, kind: 'delete', id: utf8.decode(old!.id) };
    else yield await addOf(now, found, fields, place);
  }
  for (const [key, group] of [...groups].sort(([, a], [, b]) => compareBytes(a, b))) {
    const place = { stage: 'groups' as const, key };
    if (isDone(place, after)) continue;
    for (const member of await groupMembers(now, group)) yield await addOf(now, member, fields, place);
  }
}

/** Pairs of a document as it was and as it is; without an earlier generation all there are. */
async function* changesOf(
  since: Snapshot | undefined,
  now: Snapshot,
): AsyncGenerator<readonly [LiveId | undefined, LiveId | undefined]> {
  if (since !== undefined) yield* changedDocuments(since, now);
  else for await (const found of liveIds(now)) yield [undefined, found];
}

/** Hex orders as the bytes do. */
function isDone(place: BulkPlace, after: BulkPlace | undefined): boolean {
  if (after === undefined) return false;
  if (place.stage !== after.stage) return place.stage === 'documents';
  return place.key <= after.key;
}

async function addOf(now: Snapshot, found: LiveId, fields: readonly string[], place: BulkPlace): Promise<BulkAction> {
  const { segment, docId, id } = found;
  const [group, values] = await Promise.all([groupKeyOf(now, segment, docId), readFields(now, segment, docId, fields)]);
  return { place, kind: 'add', id: utf8.decode(id), group: group && utf8.decode(group), fields: values };
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
