/** The index of a freshness bench: generated packages, the configuration a person would write for them. */
import type { Config } from '../config/config.js';
import { configFromFlags } from '../config/flags.js';
import { generate } from '../gen/generate.js';
import { GEN_DEFAULTS } from '../gen/options.js';
import type { Store } from '../store/store.js';

export const FRESHNESS_SPAN = '5h';

/** `settle` is spelled as in the configuration file. */
export function freshnessConfig(source: string, index: string, settle: string): Config {
  return configFromFlags({
    ...{ source, index, settle },
    ...{ id: 'package', group: 'scope', version: 'updated_at', deleted: 'deleted', replace: 'record' },
    ...{ text: ['name', 'summary'], keyword: ['keywords', 'version'], numeric: ['downloads'], stored: ['name'] },
    ...{ coverage: 'windowed', span: FRESHNESS_SPAN },
  });
}

/** The same as a file for `tidemark run`. */
export function freshnessYaml(source: string, index: string, every: string, settle: string): string {
  return `source:
  uri: ${source}
  coverage: { mode: windowed, span: ${FRESHNESS_SPAN} }
  ready: { settle: ${settle} }
schema:
  id: package
  group: scope
  version: updated_at
  deleted: deleted
  fields: { name: text, summary: text, keywords: keyword, version: keyword, downloads: i64 }
  stored: [name]
index: { uri: ${index} }
trigger: { every: ${every} }
`;
}

/** What `count` partitions of `docs` documents hold, under `0/`, `1/` and so on; a fifth of the rows are updates. */
export async function generatePartitions(
  store: Store,
  options: { readonly count: number; readonly docs: number; readonly seed: number; readonly signal: AbortSignal },
): Promise<void> {
  const { count, docs, seed, signal } = options;
  const { startMs, everyMs } = GEN_DEFAULTS;
  const words = Math.min(GEN_DEFAULTS.vocabulary, Math.max(2_000, 25 * docs));
  await generate(
    {
      ...{ ...GEN_DEFAULTS, seed, docs: count * docs, partitions: count, vocabulary: words },
      ...{ updateRatio: 0.2, tombstoneRatio: 0.02 },
    },
    { store, folderOf: (time) => `${(time - startMs) / everyMs}/`, signal },
  );
}

/** The only object of the n-th of them. */
export function generatedKey(n: number): string {
  return `${n}/part-00000.parquet`;
}
