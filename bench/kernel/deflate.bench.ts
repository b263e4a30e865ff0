/**
 * Compressors of stored blocks side by side: speed and size on real rows (the demo's packages) and generated ones, in blocks of 16 KiB.
 *
 *   npm run bench:run -- deflate [--blocks N] [--rounds N] [--smoke]
 *
 * All take the same blocks in turn, each round in another order; a ratio is that of one round, so that both sides saw the same machine.
 * Time is the process's on the CPU: all of them run on one thread, and a busy machine then shows less.
 */
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { Kernel } from '#src/kernel/kernel.js';
import { deflateBlock } from '#src/segment/compress.js';
import { deflateBlocks } from '#src/worker/deflate-blocks.js';
import { ROOT, runAsCommand } from '../harness/command.js';
import { scenario } from '../harness/scenario.js';
import { generatedRows, type StoredRows, storedRows } from './stored-rows.js';

const DEMO = join(ROOT, 'demo/data/packages-base');
/** Rows of some 13 bytes fill the blocks that are asked for. */
const DOCS_PER_BLOCK = 1_400;
/** What stored blocks were compressed by before the kernel did it. */
const BASELINE = 'fflate 4';

/** Bytes that come out. */
type Compressor = (rows: StoredRows) => number;

/** One block after the other, as bytes of its own memory. */
function blockwise(compress: (raw: Uint8Array) => Uint8Array | undefined): Compressor {
  return ({ raw, ends }) => {
    let [start, bytes] = [0, 0];
    for (const end of ends) {
      const block = raw.slice(start, end);
      bytes += compress(block)?.length ?? block.length;
      start = end;
    }
    return bytes;
  };
}

function compressors(): ReadonlyMap<string, Compressor> {
  const kernel = Kernel.create();
  return new Map<string, Compressor>([
    ['kernel', ({ raw, ends }) => deflateBlocks(kernel, raw, ends).bytes.length],
    ['fflate 1', blockwise((raw) => deflateBlock(raw, 1))],
    [BASELINE, blockwise((raw) => deflateBlock(raw, 4))],
    ['fflate 6', blockwise((raw) => deflateBlock(raw, 6))],
    ['node:zlib 1', blockwise((raw) => deflateRawSync(raw, { level: 1 }))],
  ]);
}

const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;

interface DeflateOptions {
  /** Blocks of each set. */
  readonly blocks: number;
  readonly rounds: number;
  readonly warmUps: number;
}

/** One row a set and compressor: its name, MB/s, speed over the baseline's with the worst and best round, size over the baseline's. */
function compare(name: string, rows: StoredRows, { rounds, warmUps }: DeflateOptions) {
  const all = [...compressors()];
  const times = new Map(all.map(([own]) => [own, [] as number[]]));
  const sizes = new Map<string, number>();
  for (let round = -warmUps; round < rounds; round++) {
    const turn = Math.abs(round) % all.length;
    for (const [own, compress] of [...all.slice(turn), ...all.slice(0, turn)]) {
      const start = process.cpuUsage();
      sizes.set(own, compress(rows));
      const { user, system } = process.cpuUsage(start);
      if (round >= 0) times.get(own)!.push((user + system) / 1e3);
    }
  }
  const base = times.get(BASELINE)!;
  return all.map(([own]) => {
    const ratios = times.get(own)!.map((ms, i) => base[i]! / ms);
    return {
      rows: name,
      by: own,
      mbPerS: rows.raw.length / median(times.get(own)!) / 1e3,
      speedRatio: median(ratios),
      low: Math.min(...ratios),
      high: Math.max(...ratios),
      sizeRatio: sizes.get(own)! / sizes.get(BASELINE)!,
      packed: sizes.get(own)! / rows.raw.length,
    };
  });
}

export const deflate = scenario({
  name: 'deflate',
  describe: `Compressors of stored blocks, speed and size over ${BASELINE}, on real and generated rows of ids, ids and names, ids and summaries.`,
  defaults: { blocks: 24, rounds: 15, warmUps: 3 },
  smoke: { blocks: 2, rounds: 1, warmUps: 1 },
  async run(options) {
    const columns = [[], ['name'], ['name', 'summary']];
    const made = await generatedRows(DOCS_PER_BLOCK * options.blocks, columns, options.blocks);
    const demo = await Promise.all(columns.map((stored) => storedRows(DEMO, stored, options.blocks)));
    const named = (from: string) => columns.map((stored) => `${from}: ${['id', ...stored].join(', ')}`);
    const sets = [...named('generated').map((name, i) => [name, made[i]!] as const)];
    sets.push(...named('packages').map((name, i) => [name, demo[i]!] as const));
    const rows = sets.flatMap(([name, set]) => compare(name, set, options));
    const own = rows.filter(({ by }) => by === 'kernel');
    return {
      tables: [
        {
          title: `Blocks of 16 KiB, over ${BASELINE}`,
          columns: ['rows', 'by', 'MB/s', 'speed', 'from', 'to', 'size', 'of the raw bytes'],
          rows: rows.map((row) => Object.values(row).map((cell) => (typeof cell === 'number' ? round(cell) : cell))),
        },
      ],
      plots: [],
      figures: Object.fromEntries(
        own.flatMap(({ rows: set, speedRatio, sizeRatio }) => [
          [`${set} speedRatio`, speedRatio],
          [`${set} sizeRatio`, sizeRatio],
        ]),
      ),
      notes: [],
    };
  },
});

const round = (value: number) => Number(value.toPrecision(4));

await runAsCommand(deflate, import.meta.url);
