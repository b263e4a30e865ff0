/** Decoding text columns of Parquet: our reader, beside the same bytes through the decoder's IPC stream and apache-arrow. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { readParquet } from 'parquet-wasm/node';
import { bytesSource } from '#src/base/bytes.js';
import { type InputFile, openInput } from '#src/decode/input.js';
import { runAsCommand } from '../harness/command.js';
import { corpus, partitionFolder } from '../harness/corpus.js';
import { measure, type Timing, time } from '../harness/measure.js';
import { scenario } from '../harness/scenario.js';
import { median } from '../harness/statistics.js';

interface Decoded extends Timing {
  readonly value: number;
}

export const decode = scenario({
  name: 'decode',
  describe:
    'Text columns of a Parquet file that stands in memory, decoded on one thread: ranged reads over the C data interface (ours), and ' +
    'whole row groups as an IPC stream read by apache-arrow. Without a file a generated one of ten row groups.',
  defaults: { file: '', columns: ['name', 'summary'], docs: 200_000, codec: ['snappy'], warmUps: 1, rounds: 7 },
  smoke: { docs: 1_000, warmUps: 0, rounds: 1 },
  async run(options) {
    const { columns } = options;
    const variants: Record<string, () => Promise<Decoded>> = {};
    for (const codec of options.file === '' ? options.codec : ['']) {
      const bytes = await readFile(options.file === '' ? await generated(options.docs, codec) : options.file);
      const whole = new Uint8Array(bytes);
      const input = await openInput(bytesSource(whole), { key: options.file });
      variants[`${codec} ours`] = () => time(() => decodeOurs(input, columns));
      if (input.format === 'parquet') variants[`${codec} ipc`] = () => time(() => decodeOverIpc(whole, input, columns));
    }
    const samples = await measure(variants, options);
    const all = [...samples].map(([name, runs]) => ({
      name: name.trim(),
      ms: median(runs.map(({ wallMs }) => wallMs)),
      bytes: runs[0]!.value,
    }));
    return {
      tables: [
        {
          title: 'Decoding',
          columns: ['way', 'ms', 'MB of values', 'MB/s'],
          rows: all.map(({ name, ms, bytes }) => [name, ms, bytes / 1e6, bytes / ms / 1e3]),
        },
      ],
      plots: [],
      figures: Object.fromEntries(all.map(({ name, ms }) => [`${name} Ms`, ms])),
      notes: [],
    };
  },
});

async function generated(docs: number, codec: string): Promise<string> {
  const source = await corpus({ docs, groupRows: Math.ceil(docs / 10), codec: codec as 'snappy' });
  return join(source.uri, partitionFolder(source, 0), 'part-00000.parquet');
}

/** Gives the bytes of all values. */
async function decodeOurs(file: InputFile, names: readonly string[]): Promise<number> {
  let bytes = 0;
  const requests = names.map((name) => ({ name, shape: 'text' }) as const);
  for (const [rowGroup, { rows }] of file.rowGroups.entries()) {
    const read = await file.readRows({ rowGroup, rowStart: 0, rowEnd: rows, columns: requests });
    for (const name of names) {
      const column = read[name];
      if (column?.kind === 'bytes') bytes += column.data.length;
    }
  }
  return bytes;
}

function decodeOverIpc(file: Uint8Array, { rowGroups }: InputFile, names: readonly string[]): number {
  let bytes = 0;
  for (const rowGroup of rowGroups.keys()) {
    const ipc = readParquet(file, { rowGroups: [rowGroup], columns: [...names] }).intoIPCStream();
    for (const batch of tableFromIPC(ipc).batches) {
      for (const name of names) {
        const child = batch.getChild(name)!.data[0]!;
        const offsets = child.valueOffsets as Int32Array;
        bytes += offsets[child.length]! - offsets[0]!;
      }
    }
  }
  return bytes;
}

await runAsCommand(decode, import.meta.url);
