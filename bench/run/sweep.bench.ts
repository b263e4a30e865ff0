/** The whole build over partition size x threads x shard rows x codec x field shape. */
import type { GenCodec } from '#src/gen/options.js';
import { runAsCommand } from '../harness/command.js';
import { corpus } from '../harness/corpus.js';
import { buildAnew, FIELD_SHAPES, type FieldShape, openPool, type TimedRun } from '../harness/index-run.js';
import { measure } from '../harness/measure.js';
import { type Plot, type Result, scenario, type Table } from '../harness/scenario.js';
import { geometricMean, median } from '../harness/statistics.js';

/** One combination of the factors; `shardRows` 0 = as the coordinator cuts unless told. */
interface Cell {
  readonly docs: number;
  readonly threads: number;
  readonly shardRows: number;
  readonly codec: string;
  readonly fields: string;
}

type Factor = keyof Cell;
const FACTORS: readonly Factor[] = ['docs', 'threads', 'shardRows', 'codec', 'fields'];

interface MeasuredCell extends Cell {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly textBytes: number;
}

export const sweep = scenario({
  name: 'sweep',
  describe:
    'Every combination of partition size, threads, shard rows (0: as the coordinator cuts), Parquet codec and indexed fields, ' +
    'interleaved, on warm workers. The effect of one factor is the geometric mean over all combinations of the others.',
  defaults: {
    docs: [50_000, 200_000],
    threads: [1, 2],
    shardRows: [0, 10_000, 50_000],
    codec: ['none', 'snappy', 'zstd'],
    fields: ['bench', 'text', 'keyword'],
    warmUps: 1,
    rounds: 3,
  },
  smoke: { docs: [500], shardRows: [0, 200], codec: ['snappy'], fields: ['bench', 'numeric'], warmUps: 0, rounds: 1 },
  async run(options, log) {
    const cells = combinations(options);
    const sources = new Map<string, { uri: string; textBytes: number }>();
    for (const { docs, codec } of cells) {
      if (sources.has(`${docs} ${codec}`)) continue;
      const made = await corpus({ docs, codec: codec as GenCodec });
      sources.set(`${docs} ${codec}`, { uri: made.uri, textBytes: made.report.textBytes });
    }
    const pools = new Map(options.threads.map((threads) => [threads, openPool(threads)]));
    const variants = cells.map((cell): [string, () => Promise<TimedRun>] => {
      const { uri } = sources.get(`${cell.docs} ${cell.codec}`)!;
      const shardRows = cell.shardRows === 0 ? undefined : cell.shardRows;
      const fields = FIELD_SHAPES[cell.fields as FieldShape];
      return [JSON.stringify(cell), () => buildAnew(uri, pools.get(cell.threads)!, { shardRows, fields })];
    });
    try {
      const onRound = (round: number, rounds: number) => log(`round ${round} of ${rounds}`);
      const samples = await measure(Object.fromEntries(variants), { ...options, onRound });
      return resultOf(
        cells.map((cell) => {
          const runs = samples.get(JSON.stringify(cell))!;
          const { textBytes } = sources.get(`${cell.docs} ${cell.codec}`)!;
          return { ...cell, textBytes, wallMs: median(wallsOf(runs)), cpuMs: median(runs.map(({ cpuMs }) => cpuMs)) };
        }),
      );
    } finally {
      for (const pool of pools.values()) await pool.close();
    }
  },
});

function combinations(levels: Readonly<Record<Factor, readonly (number | string)[]>>): Cell[] {
  let cells: Partial<Cell>[] = [{}];
  for (const factor of FACTORS)
    cells = cells.flatMap((cell) => levels[factor].map((level) => ({ ...cell, [factor]: level })));
  return cells as Cell[];
}

function wallsOf(runs: readonly TimedRun[]): number[] {
  return runs.map(({ wallMs }) => wallMs);
}

function resultOf(cells: readonly MeasuredCell[]): Result {
  const fastest = cells.toSorted((a, b) => b.textBytes / b.wallMs - a.textBytes / a.wallMs)[0]!;
  return {
    tables: [
      ...FACTORS.filter((factor) => levelsOf(cells, factor).length > 1).map((factor) => effectTable(cells, factor)),
      allTable(cells),
    ],
    plots: [sizePlot(cells)],
    figures: { cells: cells.length, fastestMBperS: fastest.textBytes / fastest.wallMs / 1e3 },
    notes: ['MB/s are of text in name and summary, indexed or not.'],
  };
}

function levelsOf(cells: readonly MeasuredCell[], factor: Factor): (number | string)[] {
  return [...new Set(cells.map((cell) => cell[factor]))];
}

/** Times of each level over those of the first one, all else equal; of sizes, times a byte. */
function effectTable(cells: readonly MeasuredCell[], factor: Factor): Table {
  const [first, ...others] = levelsOf(cells, factor);
  const key = (cell: MeasuredCell) => FACTORS.map((name) => (name === factor ? '' : cell[name])).join(' ');
  const costOf = (cell: MeasuredCell, what: 'wallMs' | 'cpuMs') =>
    cell[what] / (factor === 'docs' ? cell.textBytes : 1);
  const reference = new Map(cells.filter((cell) => cell[factor] === first).map((cell) => [key(cell), cell]));
  const ratios = (level: number | string, what: 'wallMs' | 'cpuMs') =>
    cells
      .filter((cell) => cell[factor] === level)
      .map((cell) => costOf(cell, what) / costOf(reference.get(key(cell))!, what));
  return {
    title: `Effect of ${factor}${factor === 'docs' ? ', per byte' : ''}`,
    columns: [factor, 'wall time', 'least', 'most', 'CPU time'],
    rows: [
      [String(first), 1, 1, 1, 1],
      ...others.map((level) => {
        const walls = ratios(level, 'wallMs');
        return [
          String(level),
          geometricMean(walls),
          Math.min(...walls),
          Math.max(...walls),
          geometricMean(ratios(level, 'cpuMs')),
        ];
      }),
    ],
  };
}

function allTable(cells: readonly MeasuredCell[]): Table {
  return {
    title: 'All combinations',
    columns: [...FACTORS, 'wall ms', 'CPU ms', 'MB/s'],
    rows: cells.map((cell) => [
      ...FACTORS.map((factor) => cell[factor]),
      cell.wallMs,
      cell.cpuMs,
      cell.textBytes / cell.wallMs / 1e3,
    ]),
  };
}

function sizePlot(cells: readonly MeasuredCell[]): Plot {
  const base = cells.filter(({ shardRows, codec, fields }) => {
    const { shardRows: rows, codec: first, fields: shape } = cells[0]!;
    return shardRows === rows && codec === first && fields === shape;
  });
  return {
    name: 'size',
    title: 'Time against size, by threads',
    x: { label: 'documents' },
    y: { label: 'ms' },
    series: levelsOf(base, 'threads').map((threads) => ({
      name: `${threads} threads`,
      points: base.filter((cell) => cell.threads === threads).map(({ docs, wallMs }) => ({ x: docs, y: wallMs })),
    })),
  };
}

await runAsCommand(sweep, import.meta.url);
