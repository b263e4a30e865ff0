/** The unfriendly data's configuration, and its state as the oracle says it and as an index answers it. */
import { systemClock } from '#src/base/time.js';
import type { IndexSettings } from '#src/coordinator/settings.js';
import { analyze } from '#src/kernel/analyze.js';
import { compileTemplate } from '#src/partition/template.js';
import { openIndex } from '#src/search/index-reader.js';
import { openStore } from '#src/store/open.js';
import { NASTY_TEMPLATE } from './nasty-set.js';
import type { Expected, InputValue } from './oracle.js';
import { packageSettings } from './package-index.js';
import { stringsOf } from './reference-segment.js';
import { referenceTokens } from './reference-tokenizer.js';

export function nastySettings(source: string, index: string, replace: 'record' | 'group'): IndexSettings {
  const settings = packageSettings({ uri: source }, { uri: index });
  return {
    ...settings,
    source: { ...settings.source, partition: compileTemplate(NASTY_TEMPLATE) },
    schema: {
      id: 'id',
      group: 'group',
      version: 'updated_at',
      deleted: 'deleted',
      replace,
      fields: [
        { name: 'name', type: 'text', analyzer: 'standard' },
        { name: 'summary', type: 'text', analyzer: 'simple' },
        { name: 'keywords', type: 'keyword' },
        { name: 'label', type: 'keyword' },
        { name: 'downloads', type: 'i64' },
        { name: 'score', type: 'f64' },
      ],
      stored: ['label', 'keywords'],
    },
    maxRejectRatio: 1,
    gate: { minDocRatio: 0, maxKillRatio: 1 },
  };
}

function countTerms(counts: Map<string, number>, terms: Iterable<string>): void {
  for (const term of new Set(terms)) counts.set(term, (counts.get(term) ?? 0) + 1);
}

function sorted(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}

const text = (value: InputValue | undefined) => stringsOf(value as string | null);

/** What the oracle's rows must read as. */
export function expectedState(expected: Expected) {
  const fields = { name: new Map(), summary: new Map(), keywords: new Map() };
  let downloads = 0n;
  for (const { fields: row } of expected.live.values()) {
    countTerms(fields.name, text(row.name).flatMap(referenceTokens.standard));
    countTerms(fields.summary, text(row.summary).flatMap(referenceTokens.simple));
    countTerms(fields.keywords, text(row.keywords));
    downloads += BigInt((row.downloads as bigint | number | null) ?? 0);
  }
  const documents = [...expected.live].map(([id, { fields: row }]) => [id, row.label ?? null]);
  return {
    documents: documents.sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1)),
    terms: Object.values(fields).map(sorted),
    downloads,
    counts: { docs: expected.docs, live: expected.live.size, killed: expected.killed, moved: expected.moved },
  };
}

/** The same, read from the index. */
export async function actualState(index: string) {
  const reader = await openIndex(await openStore({ uri: index }, systemClock), { analyze });
  const documents: [string, unknown][] = [];
  for await (const { id, fields } of reader.liveDocuments()) documents.push([id, fields.label ?? null]);
  const terms: [string, number][][] = [];
  for (const field of ['name', 'summary', 'keywords']) {
    const counts = new Map<string, number>();
    for await (const { term, docFreq } of reader.terms(field)) counts.set(term, docFreq);
    terms.push(sorted(counts));
  }
  const { docs, live, killed, moved } = reader.snapshot.manifest.counts;
  return {
    documents: documents.sort(([a], [b]) => (a < b ? -1 : 1)),
    terms,
    downloads: BigInt(await reader.sumColumn('downloads')),
    counts: { docs, live, killed, moved },
  };
}
