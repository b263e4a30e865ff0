/** Exported Parquet read back by another reader than the one that wrote it, against plain documents. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { documentsParquet, postingsParquet } from '#src/export/parquet.js';
import { readManifest } from '#src/manifest/newest.js';
import { openSnapshot } from '#src/search/snapshot.js';
import { documentsOf, plainAnalyze } from '../support/reference-documents.js';
import { writeReferenceIndex } from '../support/reference-index.js';
import { cellOf, type ReferenceDocument, stringsOf } from '../support/reference-segment.js';

async function indexOf(docs: readonly ReferenceDocument[]) {
  const killed = new Set(docs.filter((_, i) => i % 4 === 1));
  const store = await writeReferenceIndex([docs.slice(0, 10), docs.slice(10)], (d) => killed.has(d));
  const snapshot = await openSnapshot(store, await readManifest(store, 1));
  return { snapshot, live: docs.filter((document) => !killed.has(document)) };
}

async function rowsOf(stream: AsyncGenerator<Uint8Array>): Promise<Record<string, unknown>[]> {
  const chunks: Uint8Array[] = [];
  for await (const bytes of stream) chunks.push(bytes);
  const all = Buffer.concat(chunks);
  const file = all.buffer.slice(all.byteOffset, all.byteOffset + all.length) as ArrayBuffer;
  return (await parquetReadObjects({ file })) as Record<string, unknown>[];
}

const oneOrNull = (value: unknown) => (value === undefined ? null : value);

function expectedRow(document: ReferenceDocument): Record<string, unknown> {
  const { values } = document;
  const tags = values.tags === null || values.tags === undefined ? null : values.tags;
  const kinds = stringsOf(cellOf(document, 'kind'));
  return {
    id: document.id,
    group: document.group,
    title: oneOrNull(values.title),
    tags: tags === null || Array.isArray(tags) ? tags : [tags],
    note: oneOrNull(values.note),
    kind: kinds.length === 0 ? null : [...new Set(kinds)].sort(),
    size: oneOrNull(values.size),
    // The writer's dictionary holds one zero.
    price: values.price === 0 ? 0 : oneOrNull(values.price),
    open: oneOrNull(values.open),
  };
}

test('live documents read back with every stored, keyword and numeric value', async () => {
  const property = fc.asyncProperty(documentsOf(30), async (docs) => {
    fc.pre(docs.length > 0);
    const { snapshot, live } = await indexOf(docs);
    const rows = await rowsOf(documentsParquet(snapshot));
    const seen = rows.map(({ at: _at, _version: _v, ...row }) => row);
    assert.deepEqual(
      // The reader says undefined for a list that is null.
      seen.map((row) => ({ ...row, tags: row.tags ?? null, kind: row.kind ?? null })),
      live.map(expectedRow),
    );
    rows.forEach(({ at }, i) => {
      const micros = live[i]!.values.at as bigint | null | undefined;
      const ms = micros == null ? null : Number(micros / 1000n);
      assert.equal(at === null ? null : (at as Date).getTime(), ms);
    });
  });
  await fc.assert(property, { seed: 20260504, numRuns: 40 });
});

test('postings read back term by term', async () => {
  const property = fc.asyncProperty(documentsOf(30), async (docs) => {
    fc.pre(docs.length > 0);
    const { snapshot, live } = await indexOf(docs);
    const rows = await rowsOf(postingsParquet(snapshot, 'title'));
    const expected = live.flatMap((document) => {
      const tokens = stringsOf(cellOf(document, 'title')).flatMap((one) => plainAnalyze('standard', one));
      return [...new Set(tokens)].map((term) => ({
        term,
        id: document.id,
        freq: tokens.filter((token) => token === term).length,
      }));
    });
    const byBytes = (a: { term: string }, b: { term: string }) =>
      Buffer.compare(Buffer.from(a.term), Buffer.from(b.term));
    assert.deepEqual(rows, expected.toSorted(byBytes));
  });
  await fc.assert(property, { seed: 20260504, numRuns: 40 });
});
