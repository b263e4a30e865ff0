/** Interim full resolution. */
import type { SegmentReader } from '../segment/reader.js';
import { GROUP_FIELD } from '../segment/layout.js';

interface Row { seg: number; doc: number; id: string | undefined; group: string | undefined; version: bigint | undefined; time: number; key: string; rowGroup: number; row: number; }

function compareRank(a: Row, b: Row): number {
  if (a.version !== b.version) {
    if (a.version === undefined) return -1;
    if (b.version === undefined) return 1;
    return a.version < b.version ? -1 : 1;
  }
  return a.time - b.time || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0) || a.rowGroup - b.rowGroup || a.row - b.row;
}

export async function resolveKills(input: { segments: readonly SegmentReader[]; replace: 'record' | 'group' }): Promise<{ kills: Map<string, Uint8Array>; moved: number }> {
  const text = new TextDecoder('latin1');
  const rows: Row[] = [];
  for (const [seg, reader] of input.segments.entries()) {
    const sources = await reader.sources();
    const version = reader.footer.version === null ? undefined : await reader.column(reader.footer.version);
    const groupOf: (string | undefined)[] = [];
    if (reader.footer.group) {
      const cursor = await (await reader.dictionary(GROUP_FIELD)).iterate();
      while (await cursor.next()) {
        const info = cursor.info();
        const list = await reader.postings(GROUP_FIELD, info);
        const term = text.decode(cursor.term);
        for (let i = 0; i < info.docFreq; i++) groupOf[list.next()] = term;
      }
    }
    for await (const { id, docIds } of reader.keys()) {
      for (const doc of docIds) {
        const { partitionTime, objectKey, rowGroup, row } = sources.rowOf(doc);
        rows.push({ seg, doc, id: text.decode(id), group: groupOf[doc], version: version?.has(doc) ? version.value(doc) : undefined, time: partitionTime, key: objectKey, rowGroup, row });
      }
    }
    for (const t of await reader.tombstones()) {
      const object = sources.objects[t.object]!;
      rows.push({ seg, doc: -1, id: t.id && text.decode(t.id), group: t.group && text.decode(t.group), version: t.version, time: object.partitionTime, key: object.key, rowGroup: t.rowGroup, row: t.row });
    }
  }
  const kills = new Map(input.segments.map((reader) => [reader.name, new Uint8Array(Math.ceil(reader.docs / 8))]));
  const kill = (row: Row) => { const bits = kills.get(input.segments[row.seg]!.name)!; bits[row.doc >> 3]! |= 1 << (row.doc & 7); };
  let moved = 0;
  const best = new Map<string, Row>();
  for (const row of rows) {
    if (row.id === undefined) continue;
    const held = best.get(row.id);
    if (held === undefined || compareRank(held, row) < 0) best.set(row.id, row);
  }
  for (const row of rows) {
    if (row.doc < 0 || row.id === undefined) continue;
    const winner = best.get(row.id)!;
    if (winner === row) continue;
    kill(row);
    if (winner.doc >= 0 && winner.group !== row.group) moved++;
  }
  return { kills, moved };
}
