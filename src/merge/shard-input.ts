/** A shard's result as an input of its partition's segment. */

import { assert } from '../base/errors.js';
import type { SourcePartition } from '../segment/write-sources.js';
import type { ShardResult } from '../shard/task.js';
import type { SegmentInput } from './input.js';
import { memoryTerms } from './terms-input.js';

/** `partitions` = the one partition all shards of a part come from; pass the same array for each. */
export function shardInput(result: ShardResult, partitions: readonly SourcePartition[]): SegmentInput {
  const terms = new Map(result.terms.map((field) => [field.name, field]));
  const columns = new Map(result.columns.map((column) => [column.name, column]));
  return {
    docs: result.docs,
    terms: async (name) => {
      const field = terms.get(name);
      assert(field !== undefined, `a shard holds field '${name}'`);
      return {
        terms: memoryTerms(field),
        docCount: field.docCount,
        maxLength: field.maxLength,
        positions: field.occurrences.length / 4,
        norms: field.norms,
      };
    },
    column: async (name) => {
      const column = columns.get(name);
      assert(column !== undefined, `a shard holds column '${name}'`);
      return column;
    },
    stored: { kind: 'rows', rows: result.stored, lengths: result.storedLengths },
    sources: { partitions, runs: result.runs },
    tombstones: result.tombstones,
  };
}
