/** Whether speed holds for other kinds of documents: bytes a second of each shape over those of plain English-like ASCII. */
import type { FieldSettings } from '#src/coordinator/settings.js';
import type { GenOptions } from '#src/gen/options.js';
import { runAsCommand } from '../harness/command.js';
import { type Corpus, corpus } from '../harness/corpus.js';
import { buildAnew, FIELD_SHAPES, openPool, type TimedRun } from '../harness/index-run.js';
import { measure } from '../harness/measure.js';
import { type Result, scenario } from '../harness/scenario.js';
import { median, pairedRatio } from '../harness/statistics.js';

interface Shape {
  readonly name: string;
  readonly is: string;
  readonly options: Partial<GenOptions>;
  /** Indexed beyond the bench schema. */
  readonly more?: readonly FieldSettings[];
}

const MORE_TEXTS = 30;

/** The first is what the others are held against; `words` = size of a large vocabulary. */
const shapesOf = (words: number): readonly Shape[] => [
  { name: 'ascii', is: 'the bench corpus: 46 words of ASCII a document', options: {} },
  { name: 'long', is: '10,000 words a document, as an RFC has', options: { summary: { mean: 10_000, spread: 0.7 } } },
  {
    name: 'tiny',
    is: '3 words a document',
    options: { name: { mean: 1, spread: 0 }, summary: { mean: 2, spread: 0.3 } },
  },
  {
    name: 'many-fields',
    is: `${MORE_TEXTS} text fields of 5 words beside the two`,
    options: { moreTexts: MORE_TEXTS },
    more: Array.from({ length: MORE_TEXTS }, (_, i) => ({
      name: `text_${String(i).padStart(2, '0')}`,
      type: 'text',
      analyzer: 'standard',
    })),
  },
  {
    name: 'many-keywords',
    is: 'keywords of which hardly two are alike',
    options: { keywordRanks: words, vocabulary: words, keywordExponent: 0, summary: { mean: 5, spread: 0.4 } },
  },
  {
    name: 'rare-words',
    is: 'words spread over a vocabulary of millions',
    options: { vocabulary: words, exponent: 0.6 },
  },
  { name: 'cjk', is: 'Han, Katakana, some Latin', options: { scripts: 'cjk' } },
  { name: 'mixed', is: 'Latin, accented, Cyrillic, Greek, Han, emoji', options: { scripts: 'mixed' } },
];

/** A corpus of each shape, with its bytes. */
interface ShapeCorpus {
  readonly shape: Shape;
  readonly corpus: Corpus;
  /** Text, keys, keywords, versions: everything that is indexed as bytes. */
  readonly indexedBytes: number;
}

/** Documents of the first try, from which their size is told. */
const SAMPLE_DOCS = 100;
const LEAST_DOCS = 20;
const MAX_GROUP_ROWS = 20_000;

export const shapes = scenario({
  name: 'shapes',
  describe:
    'Corpora of one size in bytes and of different shapes, built side by side on warm workers. Rates are of indexed bytes (text, ids, ' +
    'keywords, versions); the ratio is paired with the ASCII shape of the same round, with a 95 % interval.',
  defaults: {
    megabytes: 40,
    shapes: shapesOf(1).map(({ name }) => name),
    words: 2 ** 22,
    threads: 2,
    warmUps: 1,
    rounds: 5,
  },
  smoke: { megabytes: 0.1, words: 20_000, warmUps: 0, rounds: 1 },
  async run(options, log) {
    const chosen = shapesOf(options.words).filter(({ name }, i) => i === 0 || options.shapes.includes(name));
    const corpora: ShapeCorpus[] = [];
    for (const shape of chosen) {
      log(`corpus ${shape.name}`);
      corpora.push(await corpusOf(shape, options.megabytes * 1e6));
    }
    const pool = openPool(options.threads);
    try {
      const variants = corpora.map(({ shape, corpus: { uri } }) => {
        const fields = [...FIELD_SHAPES.bench, ...(shape.more ?? [])];
        return [shape.name, () => buildAnew(uri, pool, { fields })] as const;
      });
      const onRound = (round: number, rounds: number) => log(`round ${round} of ${rounds}`);
      const samples = await measure(Object.fromEntries(variants), { ...options, onRound });
      return resultOf(corpora, samples);
    } finally {
      await pool.close();
    }
  },
});

/** As many documents as make up the bytes, in ten row groups or more. */
async function corpusOf(shape: Shape, bytes: number): Promise<ShapeCorpus> {
  const small = Math.min(shape.options.vocabulary ?? 50_000, 50_000);
  const sample = await corpus({
    ...shape.options,
    docs: SAMPLE_DOCS,
    vocabulary: small,
    keywordRanks: Math.min(small, shape.options.keywordRanks ?? small),
  });
  const docs = Math.max(LEAST_DOCS, Math.round((SAMPLE_DOCS * bytes) / bytesOf(sample)));
  const groupRows = Math.max(1, Math.min(MAX_GROUP_ROWS, Math.ceil(docs / 10)));
  const made = await corpus({ ...shape.options, docs, groupRows });
  return { shape, corpus: made, indexedBytes: bytesOf(made) };
}

function bytesOf({ report: { textBytes, keyBytes } }: Corpus): number {
  return textBytes + keyBytes;
}

function resultOf(corpora: readonly ShapeCorpus[], samples: ReadonlyMap<string, readonly TimedRun[]>): Result {
  const rateOf = ({ shape, indexedBytes }: ShapeCorpus) =>
    samples.get(shape.name)!.map(({ wallMs }) => indexedBytes / wallMs / 1e3);
  const reference = rateOf(corpora[0]!);
  const rows = corpora.map((one) => {
    const rates = rateOf(one);
    const { value, low, high } = pairedRatio(rates, reference);
    const { report } = one.corpus;
    return {
      name: one.shape.name,
      ratio: value,
      cells: [
        one.shape.name,
        one.shape.is,
        report.rows,
        one.indexedBytes / 1e6,
        report.textBytes / 1e6,
        report.tokens / 1e6,
        report.terms / 1e3,
        median(rates),
        value,
        low,
        high,
      ],
    };
  });
  return {
    tables: [
      {
        title: 'Speed by shape',
        columns: [
          'shape',
          'what it is',
          'documents',
          'MB',
          'MB of text',
          'M tokens',
          'K terms',
          'MB/s',
          'of ASCII',
          'low',
          'high',
        ],
        rows: rows.map(({ cells }) => cells),
      },
    ],
    plots: [],
    figures: {
      ...Object.fromEntries(rows.map(({ name, ratio }) => [`${name}Ratio`, ratio])),
      leastRatio: Math.min(...rows.map(({ ratio }) => ratio)),
    },
    notes: [],
  };
}

await runAsCommand(shapes, import.meta.url);
