/** Random documents for property tests: few words, so that lists grow long; every kind of value, so that no branch is spared. */
import fc from 'fast-check';
import type { TextAnalyzer } from '#src/segment/layout.js';
import type { ReferenceDocument, ReferenceSchema, ReferenceSegment, ReferenceTombstone } from './reference-segment.js';

/** Lower-cased runs of letters and digits, or the whole text: enough of an analyzer for tests of everything behind it. */
export function plainAnalyze(analyzer: TextAnalyzer, text: string): string[] {
  if (analyzer === 'keyword') return [text];
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

export const REFERENCE_SCHEMA: ReferenceSchema = {
  fingerprint: 'f'.repeat(64),
  group: true,
  version: '_version',
  stored: ['title', 'tags', 'size', 'note'],
  fields: [
    { name: 'title', type: 'text', analyzer: 'standard' },
    { name: 'body', type: 'text', analyzer: 'simple' },
    { name: 'tags', type: 'keyword' },
    { name: 'kind', type: 'keyword' },
    { name: 'size', type: 'i64' },
    { name: 'price', type: 'f64' },
    { name: 'at', type: 'timestamp' },
    { name: 'open', type: 'bool' },
  ],
};

export const WORDS = ['a', 'b', 'c', 'red', 'green', 'blue', 'übung', '日本', 'zebra', 'x1'] as const;

const text = fc.array(fc.constantFrom(...WORDS), { maxLength: 12 }).map((words) => words.join(' '));
const nullable = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null, freq: 5 });
const extremes = fc.constantFrom(0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n);
const i64 = fc.oneof(fc.bigInt({ min: -5n, max: 60n }), extremes);
const f64 = fc.oneof(fc.constantFrom(0, -0, 1.5, -1.5, 1e300, -1e300, Infinity, -Infinity), fc.double({ noNaN: true }));

const values = fc.record({
  title: nullable(text),
  body: nullable(fc.array(nullable(text), { maxLength: 3 })),
  tags: nullable(fc.array(fc.constantFrom('red', 'green', 'Blue sky', '', 'ü', 'green'), { maxLength: 4 })),
  kind: nullable(fc.constantFrom('big', 'small', 'größe')),
  note: nullable(fc.string()),
  size: nullable(i64),
  price: nullable(f64),
  at: nullable(fc.bigInt({ min: 1_700_000_000_000_000n, max: 1_800_000_000_000_000n })),
  open: nullable(fc.boolean()),
});

/** Documents with ids d<n>, in rows with holes over two row groups of each object. */
export function documentsOf(maxDocs: number): fc.Arbitrary<ReferenceDocument[]> {
  const one = fc.record({ values, group: fc.constantFrom('g1', 'g2', 'g3'), version: nullable(i64), hole: fc.nat(2) });
  // Beyond a few dozen the sizes that fast-check draws by itself would never fill a block.
  const size = maxDocs > 100 ? ({ minLength: maxDocs >> 1, size: 'max' } as const) : {};
  return fc.array(one, { maxLength: maxDocs, ...size }).map((drafts) => {
    let row = 0;
    return drafts.map(({ hole, ...draft }, i) => {
      row += 1 + (hole === 2 ? 1 : 0);
      const half = drafts.length >> 1;
      const rowGroup = (i < half ? i : i - half) >> 3;
      return { ...draft, id: `d${i}`, object: i < half ? 0 : 1, rowGroup, row };
    });
  });
}

const tombstones: fc.Arbitrary<ReferenceTombstone[]> = fc.array(
  fc
    .record({
      id: fc.option(fc.string({ maxLength: 4 }), { nil: undefined }),
      group: fc.option(fc.constantFrom('g1', 'g2'), { nil: undefined }),
      version: fc.option(i64, { nil: undefined }),
      object: fc.nat(1),
      rowGroup: fc.nat(3),
      row: fc.nat(1000),
    })
    .map((all) => Object.fromEntries(Object.entries(all).filter(([, v]) => v !== undefined)) as never),
  { maxLength: 6 },
);

/** Whole segments. */
export function segmentsOf(maxDocs: number): fc.Arbitrary<ReferenceSegment> {
  return fc.record({ docs: documentsOf(maxDocs), tombstones, cut: fc.nat(maxDocs) }).map(({ docs, cut, ...rest }) => ({
    schema: REFERENCE_SCHEMA,
    docs,
    ...rest,
    partEnds: [cut, docs.length],
    partitions: [
      { time: Date.parse('2026-05-04T00:00:00Z'), objects: ['hour=0/a.parquet'] },
      { time: Date.parse('2026-05-04T00:05:00Z'), objects: ['hour=0/b.parquet'] },
    ],
    analyze: plainAnalyze,
  }));
}
