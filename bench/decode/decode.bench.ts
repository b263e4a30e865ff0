/**
 * Decoding two text columns of a Parquet file: our reader, and the same bytes through the decoder's IPC stream and
 * apache-arrow instead of the C data interface. Prints figures, asserts nothing.
 *
 *     node build/bench/decode/decode.bench.js [FILE COLUMN COLUMN]
 *
 * Without a file it makes one: 200,000 rows in 10 row groups, about 62 MB of text.
 */
import { open, readFile } from 'node:fs/promises';
import { tableFromIPC } from 'apache-arrow';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { readParquet } from 'parquet-wasm/node';
import { type ByteSource, bytesSource } from '#src/base/bytes.js';
import { type InputFile, openInput } from '#src/decode/input.js';

const ROWS = 200_000;
const ROW_GROUP_ROWS = 20_000;
const WORDS = 5000;
const TITLE_WORDS = 3;
const BODY_WORDS = 45;
const ROUNDS = 7;
const MB = 1e6;

interface Figure {
  readonly ms: number;
  readonly textBytes: number;
}

const [path, ...named] = process.argv.slice(2);
const source = path === undefined ? bytesSource(generate()) : await fileSource(path);
const columns = path === undefined ? ['title', 'body'] : named;
const input = await openInput(source, { key: path ?? 'generated' });
console.log(
  `${input.rows} rows, ${input.rowGroups.length} row groups, ${(source.byteLength / MB).toFixed(1)} MB, ${input.codecs}`,
);
await report('ranged reads, C data interface', () => decodeOurs(input, columns));
if (input.format === 'parquet') {
  const whole = path === undefined ? await source.slice(0, source.byteLength) : new Uint8Array(await readFile(path));
  await report('file in memory, IPC stream + apache-arrow', () => decodeOverIpc(whole, columns));
}

/** Median and best of some rounds after one for warming up. */
async function report(label: string, run: () => Promise<Figure>): Promise<void> {
  await run();
  const figures: Figure[] = [];
  for (let i = 0; i < ROUNDS; i++) figures.push(await run());
  figures.sort((a, b) => a.ms - b.ms);
  const { ms, textBytes } = figures[ROUNDS >> 1]!;
  const rate = (textBytes / MB / (ms / 1000)).toFixed(0);
  const rss = (process.memoryUsage().rss / MB).toFixed(0);
  console.log(`${label}: ${ms.toFixed(0)} ms (best ${figures[0]!.ms.toFixed(0)}), ${rate} MB/s of text, ${rss} MB RSS`);
}

async function decodeOurs(file: InputFile, names: readonly string[]): Promise<Figure> {
  const start = performance.now();
  let textBytes = 0;
  const requests = names.map((name) => ({ name, shape: 'text' }) as const);
  for (const [rowGroup, { rows }] of file.rowGroups.entries()) {
    const read = await file.readRows({ rowGroup, rowStart: 0, rowEnd: rows, columns: requests });
    for (const name of names) {
      const column = read[name];
      if (column?.kind === 'bytes') textBytes += column.data.length;
    }
  }
  return { ms: performance.now() - start, textBytes };
}

async function decodeOverIpc(file: Uint8Array, names: readonly string[]): Promise<Figure> {
  const start = performance.now();
  let textBytes = 0;
  for (const rowGroup of input.rowGroups.keys()) {
    const ipc = readParquet(file, { rowGroups: [rowGroup], columns: [...names] }).intoIPCStream();
    for (const batch of tableFromIPC(ipc).batches) {
      for (const name of names) {
        const child = batch.getChild(name)!.data[0]!;
        const offsets = child.valueOffsets as Int32Array;
        textBytes += offsets[child.length]! - offsets[0]!;
      }
    }
  }
  return { ms: performance.now() - start, textBytes };
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
