/**
 * Decoding columns of a Parquet file, three ways, round by round in turn: pages decoded in the kernel, our reader over the other
 * decoder's C data interface with its columns copied into the kernel, and that decoder's IPC stream through apache-arrow. Prints
 * figures and ratios, asserts nothing.
 *
 *     node build/bench/decode/decode.bench.js [FILE COLUMN[:SHAPE] ...]
 *
 * Without a file it makes one: 200,000 rows in 10 row groups, about 62 MB of text. CPU time is that of the whole process, reading
 * included.
 */
import { open, readFile } from 'node:fs/promises';
import { tableFromIPC } from 'apache-arrow';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { readParquet } from 'parquet-wasm/node';
import { type ByteSource, bytesSource } from '#src/base/bytes.js';
import type { ColumnRequest, ColumnShape } from '#src/decode/columns.js';
import { openInput, type ReadRowsRequest } from '#src/decode/input.js';
import { Kernel } from '#src/kernel/kernel.js';
import { placeColumns, type SliceColumns } from '#src/worker/columns.js';
import { readSlice } from '#src/worker/read-slice.js';

const ROWS = 200_000;
const ROW_GROUP_ROWS = 20_000;
const WORDS = 5000;
const TITLE_WORDS = 3;
const BODY_WORDS = 45;
const ROUNDS = 7;
const MB = 1e6;

interface Figure {
  readonly ms: number;
  readonly cpuMs: number;
  readonly textBytes: number;
}

const [path, ...named] = process.argv.slice(2);
const source = path === undefined ? bytesSource(generate()) : await fileSource(path);
const requests = (path === undefined ? ['title', 'body'] : named).map(requestOf);
const input = await openInput(source, { key: path ?? 'generated' });
const kernel = Kernel.create();
console.log(
  `${input.rows} rows, ${input.rowGroups.length} row groups, ${(source.byteLength / MB).toFixed(1)} MB, ${input.codecs}`,
);
const whole = path === undefined ? await source.slice(0, source.byteLength) : new Uint8Array(await readFile(path));
await compare({
  'pages in the kernel': decodeInKernel,
  'ranged reads, C data interface, copied in': decodeAndCopy,
  'file in memory, IPC stream + apache-arrow': async () => decodeOverIpc(whole),
});

function requestOf(word: string): ColumnRequest {
  const [name, shape = 'text'] = word.split(':');
  return { name: name!, shape: shape as ColumnShape };
}

/** Rounds of all ways in turn, after one for warming up; medians, and the ratio of CPU time to the first way, round by round. */
async function compare(ways: Readonly<Record<string, () => Promise<number>>>): Promise<void> {
  const figures = new Map(Object.keys(ways).map((label): [string, Figure[]] => [label, []]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [label, run] of Object.entries(ways)) {
      const figure = await measure(run);
      if (round > 0) figures.get(label)!.push(figure);
    }
  }
  const first = [...figures.values()][0]!;
  for (const [label, own] of figures) {
    const ratio = median(own.map(({ cpuMs }, i) => cpuMs / first[i]!.cpuMs));
    const rate = own[0]!.textBytes / MB / (median(own.map(({ cpuMs }) => cpuMs)) / 1000);
    const [wall, cpu] = [median(own.map(({ ms }) => ms)), median(own.map(({ cpuMs }) => cpuMs))];
    console.log(
      `${label}: ${wall.toFixed(0)} ms, ${cpu.toFixed(0)} ms CPU, ${rate.toFixed(0)} MB/s of text, ${ratio.toFixed(2)}x`,
    );
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

async function measure(run: () => Promise<number>): Promise<Figure> {
  const start = performance.now();
  const cpu = process.cpuUsage();
  const textBytes = await run();
  const { user, system } = process.cpuUsage(cpu);
  return { ms: performance.now() - start, cpuMs: (user + system) / 1000, textBytes };
}

async function decodeInKernel(): Promise<number> {
  return sumSlices((request) => readSlice(kernel, input, request));
}

async function decodeAndCopy(): Promise<number> {
  return sumSlices(async (request) => placeColumns(kernel, await input.readRows(request)));
}

async function sumSlices(read: (request: ReadRowsRequest) => Promise<SliceColumns>): Promise<number> {
  let textBytes = 0;
  for (const [rowGroup, { rows }] of input.rowGroups.entries()) {
    kernel.call.reset();
    const columns = await read({ rowGroup, rowStart: 0, rowEnd: rows, columns: requests });
    for (const column of Object.values(columns)) if (column?.kind === 'placed') textBytes += column.sizes.bytes;
  }
  return textBytes;
}

function decodeOverIpc(file: Uint8Array): number {
  let textBytes = 0;
  for (const rowGroup of input.rowGroups.keys()) {
    const columns = requests.map(({ name }) => name);
    for (const batch of tableFromIPC(readParquet(file, { rowGroups: [rowGroup], columns }).intoIPCStream()).batches) {
      for (const name of columns) {
        const child = batch.getChild(name)!.data[0]!;
        const offsets = child.valueOffsets as Int32Array | undefined;
        textBytes += offsets === undefined ? 0 : offsets[child.length]! - offsets[0]!;
      }
    }
  }
  return textBytes;
}

async function fileSource(file: string): Promise<ByteSource> {
  const handle = await open(file);
  const { size } = await handle.stat();
  const slice = async (start: number, end: number) => {
    const bytes = new Uint8Array(end - start);
    await handle.read(bytes, 0, bytes.length, start);
    return bytes;
  };
  return { byteLength: size, slice };
}

/** Words of a fixed vocabulary, drawn by a small generator: the same file each time. */
function generate(): Uint8Array {
  let state = 1;
  const random = (limit: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const letters = (length: number) => Array.from({ length }, () => String.fromCharCode(97 + random(20))).join('');
  const words = Array.from({ length: WORDS }, () => letters(2 + random(8)));
  const sentence = (length: number) => Array.from({ length }, () => words[random(WORDS)]!).join(' ');
  const columnData = [
    { name: 'title', data: Array.from({ length: ROWS }, () => sentence(TITLE_WORDS)), type: 'STRING' as const },
    { name: 'body', data: Array.from({ length: ROWS }, () => sentence(BODY_WORDS)), type: 'STRING' as const },
  ];
  return new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: ROW_GROUP_ROWS }));
}
