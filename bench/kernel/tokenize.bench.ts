/** Speed of the tokenizer over real package descriptions, strung together to values of some 300 bytes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';
import { ANALYZERS, type AnalyzerName } from '#src/kernel/analyzers.js';
import { Kernel } from '#src/kernel/kernel.js';
import { ROOT, runAsCommand } from '../harness/command.js';
import { measure, timeSync } from '../harness/measure.js';
import { scenario } from '../harness/scenario.js';
import { median } from '../harness/statistics.js';

/** The bench corpus has 62.9 MB of text in values of about this size. */
const VALUE_BYTES = 300;
/** What the tokenizer may read behind the last value. */
const BEHIND_BYTES = 64;

/** Texts placed in a kernel of their own. */
interface Placed {
  readonly name: string;
  readonly analyzer: AnalyzerName;
  readonly bytes: number;
  /** Tokenizes all of them; gives the number of tokens. */
  readonly run: () => number;
}

export const tokenize = scenario({
  name: 'tokenize',
  describe:
    'The tokenizer alone, one thread: real package descriptions as ASCII only, as they are (some 2.5 % beyond ASCII) and only those ' +
    'beyond, by analyzer. Files: Parquet with a column `summary`; else the golden texts of the tests.',
  defaults: { files: [''], megabytes: 63, warmUps: 2, rounds: 9 },
  smoke: { megabytes: 0.2, warmUps: 0, rounds: 1 },
  async run(options) {
    const files = options.files.filter((file) => file !== '');
    const summaries = files.length > 0 ? await readSummaries(files) : goldenSummaries();
    const isAscii = (text: string) => Buffer.byteLength(text) === text.length;
    const sets = {
      ASCII: summaries.filter(isAscii),
      'as they are': summaries,
      'beyond ASCII': summaries.filter((text) => !isAscii(text)),
    };
    const all = (['standard', 'simple', 'whitespace'] as const).flatMap((analyzer) =>
      Object.entries(sets).map(([name, texts]) => place(name, analyzer, corpusOf(texts, options.megabytes * 1e6))),
    );
    const variants = all.map(({ run }, i) => {
      const variant = () => {
        let tokens = 0;
        const timing = timeSync(() => {
          tokens = run();
        });
        return { tokens, ...timing };
      };
      return [String(i), variant] as const;
    });
    const samples = await measure(Object.fromEntries(variants), options);
    const rates = all.map(({ bytes }, i) => bytes / median(samples.get(String(i))!.map(({ wallMs }) => wallMs)) / 1e3);
    return {
      tables: [
        {
          title: 'Speed of the tokenizer',
          columns: ['analyzer', 'texts', 'M tokens', 'MB/s'],
          rows: all.map(({ name, analyzer }, i) => [
            analyzer,
            name,
            samples.get(String(i))![0]!.tokens / 1e6,
            rates[i]!,
          ]),
        },
      ],
      plots: [],
      figures: Object.fromEntries(
        all.map(({ analyzer, name, bytes }, i) => [
          `${analyzer} ${name} nsPerByte`,
          (median(samples.get(String(i))!.map(({ wallMs }) => wallMs)) * 1e6) / bytes,
        ]),
      ),
      notes: [],
    };
  },
});

async function readSummaries(files: readonly string[]): Promise<string[]> {
  const summaries: string[] = [];
  for (const path of files) {
    const { buffer, byteOffset, byteLength } = readFileSync(path);
    const file = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
    for (const row of await parquetReadObjects({ file, columns: ['summary'] })) summaries.push(row.summary as string);
  }
  return summaries;
}

/** The real texts among the golden ones: they come first, then the nasty ones, of which the empty text is the first. */
function goldenSummaries(): string[] {
  const path = join(ROOT, 'test/golden/lucene/tokens.jsonl.gz');
  const lines = gunzipSync(readFileSync(path)).toString('utf8').trimEnd().split('\n');
  const texts = lines.map((line) => (JSON.parse(line) as [string])[0]);
  return texts.slice(0, texts.indexOf(''));
}

/** Values of about VALUE_BYTES, again and again from the front, up to `bytes`. */
function corpusOf(texts: readonly string[], bytes: number): Buffer[] {
  const values: Buffer[] = [];
  let total = 0;
  let value = '';
  for (let i = 0; total < bytes; i++) {
    value += `${texts[i % texts.length]} `;
    if (value.length < VALUE_BYTES) continue;
    values.push(Buffer.from(value));
    total += values.at(-1)!.length;
    value = '';
  }
  return values;
}

function place(name: string, analyzer: AnalyzerName, values: readonly Buffer[]): Placed {
  const kernel = Kernel.create();
  const data = Buffer.concat([...values, Buffer.alloc(BEHIND_BYTES)]);
  const src = kernel.copyIn(data);
  kernel.call.reserveTokens(values.reduce((most, { length }) => Math.max(most, length), 0));
  const run = () => {
    let tokens = 0;
    let at = src;
    for (const { length } of values) {
      tokens += kernel.call.tokenize(ANALYZERS[analyzer], at, length);
      at += length;
    }
    return tokens;
  };
  return { name, analyzer, bytes: data.length - BEHIND_BYTES, run };
}

await runAsCommand(tokenize, import.meta.url);
