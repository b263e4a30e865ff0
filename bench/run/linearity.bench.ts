/** Whether cost follows size: t = a + b x bytes over partitions of growing size. */
import { runAsCommand } from '../harness/command.js';
import { type Corpus, corpus } from '../harness/corpus.js';
import { buildAnew, openPool, type TimedRun } from '../harness/index-run.js';
import { measure } from '../harness/measure.js';
import { type Plot, type Result, scenario, type Table } from '../harness/scenario.js';
import { bootstrap, fitLine, type Line, median, type Point } from '../harness/statistics.js';

interface Size {
  readonly corpus: Corpus;
  readonly runs: readonly TimedRun[];
}

export const linearity = scenario({
  name: 'linearity',
  describe:
    'Builds of partitions of growing size, interleaved, on warm workers, fitted by t = a + b x bytes of text. The fit weighs by ' +
    '1 / t^2, so that what it keeps small are relative residuals.',
  defaults: { docs: [50_000, 100_000, 200_000, 400_000, 800_000], threads: 2, warmUps: 1, rounds: 5 },
  smoke: { docs: [500, 1_000, 2_000], warmUps: 0, rounds: 2 },
  async run(options, log) {
    const corpora: Corpus[] = [];
    for (const docs of options.docs) {
      // Large partitions come in several files, as exporters write them, and as the generator's memory asks for.
      corpora.push(await corpus({ docs, objects: Math.ceil(docs / DOCS_A_FILE) }));
      log(`corpus of ${docs} documents`);
    }
    const pool = openPool(options.threads);
    try {
      const variants = corpora.map((one) => [String(one.options.docs), () => buildAnew(one.uri, pool)] as const);
      const onRound = (round: number, rounds: number) => log(`round ${round} of ${rounds}`);
      const samples = await measure(Object.fromEntries(variants), { ...options, onRound });
      return resultOf(corpora.map((one) => ({ corpus: one, runs: samples.get(String(one.options.docs))! })));
    } finally {
      await pool.close();
    }
  },
});

const DOCS_A_FILE = 400_000;

/** t in ms over bytes; by relative residuals. */
function fit(points: readonly Point[]): Line {
  return fitLine(points, ({ y }) => y ** -2);
}

function resultOf(sizes: readonly Size[]): Result {
  const points = sizes.map(
    ({ corpus: { report }, runs }): Point => ({
      x: report.textBytes,
      y: median(runs.map(({ wallMs }) => wallMs)),
    }),
  );
  const line = fit(points);
  // Rounds are drawn anew: a round saw all sizes under the same conditions.
  const rounds = sizes[0]!.runs.map((_, round) => round);
  const a = bootstrap(
    rounds,
    (drawn) =>
      fit(points.map(({ x }, i) => ({ x, y: median(drawn.map((round) => sizes[i]!.runs[round]!.wallMs)) }))).intercept,
  );
  const residuals = points.map(({ x, y }) => y / (line.intercept + line.slope * x) - 1);
  const largestResidual = Math.max(...residuals.map(Math.abs));
  const nsPerByte = line.slope * 1e6;
  return {
    tables: [sizesTable(sizes, points, residuals)],
    plots: [plotOf(sizes, points, line)],
    figures: { interceptMs: line.intercept, nsPerByte, largestResidualRatio: largestResidual },
    notes: [
      `t = ${line.intercept.toFixed(1)} ms + ${nsPerByte.toFixed(2)} ns x bytes; a lies between ${a.low.toFixed(1)} and ${a.high.toFixed(1)} ms (95 %).`,
      `Largest residual ${(largestResidual * 100).toFixed(1)} %.`,
    ],
  };
}

function sizesTable(sizes: readonly Size[], points: readonly Point[], residuals: readonly number[]): Table {
  return {
    title: 'Time by size',
    columns: ['documents', 'MB of text', 'ms', 'MB/s', 'residual %'],
    rows: sizes.map(({ corpus: { options } }, i) => [
      options.docs,
      points[i]!.x / 1e6,
      points[i]!.y,
      points[i]!.x / points[i]!.y / 1e3,
      residuals[i]! * 100,
    ]),
  };
}

function plotOf(sizes: readonly Size[], points: readonly Point[], { intercept, slope }: Line): Plot {
  const ends = [0, Math.max(...points.map(({ x }) => x))];
  return {
    name: 'size',
    title: 'Cost against size',
    x: { label: 'bytes of text' },
    y: { label: 'ms from file to committed segment' },
    series: [
      {
        name: 'median, fastest to slowest',
        draw: 'dots',
        points: points.map((point, i) => {
          const walls = sizes[i]!.runs.map(({ wallMs }) => wallMs);
          return { ...point, low: Math.min(...walls), high: Math.max(...walls) };
        }),
      },
      { name: 'a + b x bytes', draw: 'line', points: ends.map((x) => ({ x, y: intercept + slope * x })) },
    ],
  };
}

await runAsCommand(linearity, import.meta.url);
