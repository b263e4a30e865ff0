/** Hits and scores equal Lucene's, phrases with slop and repeated words included, in one segment and in three. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type IndexReader, openIndex } from '#src/search/index-reader.js';
import type { Analyze } from '#src/search/resolve.js';
import { plainAnalyze } from '../support/reference-documents.js';
import { writeReferenceIndex } from '../support/reference-index.js';
import type { ReferenceDocument } from '../support/reference-segment.js';

const GOLDEN = new URL('../../../test/golden/lucene-scores/', import.meta.url);
const unzipped = (name: string) =>
  gunzipSync(readFileSync(new URL(name, GOLDEN)))
    .toString('utf8')
    .trimEnd();

const analyze: Analyze = (analyzer, text) =>
  plainAnalyze(analyzer, text).map((token) => new TextEncoder().encode(token));

const documents = unzipped('documents.tsv.gz')
  .split('\n')
  .map((line, row): ReferenceDocument => {
    const [id, title, body, tags] = line.split('\t') as [string, string, string, string];
    const values = { title, body, tags: tags === '' ? null : tags.split(',') };
    return { id, group: id, version: 1n, object: 0, rowGroup: 0, row, values };
  });
const queries = readFileSync(new URL('queries.txt', GOLDEN), 'utf8').trimEnd().split('\n');
const scores = unzipped('scores.txt.gz').split('\n');

const open = async (...edges: readonly number[]): Promise<IndexReader> => {
  const segments = edges.slice(1).map((end, i) => documents.slice(edges[i], end));
  return openIndex(await writeReferenceIndex(segments, () => false), { analyze });
};
const whole = await open(0, documents.length);
const split = await open(0, 100, 101, documents.length);

for (const [i, line] of queries.entries()) {
  const text = line.slice(0, line.indexOf('\t'));
  test(`Lucene's scores for ${text}`, async () => {
    const [total, ...hits] = scores[i]!.split(' ');
    const expected = new Map(hits.map((hit) => hit.split('=') as [string, string]));
    for (const index of [whole, split]) {
      const found = await index.search(text, { k: documents.length, fields: [] });
      assert.equal(found.total, Number(total));
      assert.equal(found.hits.length, expected.size);
      for (const { id, score } of found.hits) {
        const theirs = Number(expected.get(id));
        assert.ok(Math.abs(score - theirs) <= 2e-6 * theirs, `${id}: ${score}, Lucene ${theirs}`);
      }
    }
  });
}
