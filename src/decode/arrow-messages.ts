/** Finds the messages of an Arrow file (by its footer) or stream (one after another); bodies are not read here. */
import type { ByteSource } from '../base/bytes.js';
import type { StoredBatch } from './arrow-batch.js';
import type { StoredDictionary } from './arrow-dictionaries.js';
import type { ArrowField } from './arrow-layout.js';
import { type ArrowBlock, type ArrowMessage, readArrowFooter, readMessage } from './arrow-metadata.js';
import { badInput, checkInput } from './bad-input.js';
import { CONTINUATION } from './format.js';
import { readExactly } from './read-exactly.js';

/** All messages of an input. */
export interface ArrowContents {
  readonly fields: readonly ArrowField[];
  readonly batches: readonly (StoredBatch & { readonly bytes: number })[];
  readonly dictionaries: readonly StoredDictionary[];
}

/** Footer length and magic at the end of a file. */
const FILE_TAIL_BYTES = 10;
/** Message prefix: continuation mark and length; without the mark in streams from before Arrow 0.15. */
const PREFIX_BYTES = 8;
const OLD_PREFIX_BYTES = 4;
/** Streams are walked with reads of this size: the metadata of small neighbouring batches comes along. */
const WINDOW_BYTES = 256 * 1024;
/** Requests in flight while the batches of a file are looked up. */
const PARALLEL_READS = 16;

/** Contents of a file that begins and ends with `ARROW1`; `tail` is its end, as far as it was read. */
export async function readFileContents(source: ByteSource, tail: Uint8Array): Promise<ArrowContents> {
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  const length = view.getInt32(tail.length - FILE_TAIL_BYTES, true);
  const end = source.byteLength - FILE_TAIL_BYTES;
  checkInput(
    length > 0 && length <= end,
    `a footer of ${length} bytes does not fit into a file of ${source.byteLength}`,
  );
  const isInTail = length + FILE_TAIL_BYTES <= tail.length;
  const tailEnd = tail.length - FILE_TAIL_BYTES;
  const bytes = isInTail ? tail.subarray(tailEnd - length, tailEnd) : await readExactly(source, end - length, end);
  const footer = readArrowFooter(bytes);
  const batches = await readBlocks(source, footer.batches, ({ message, bodyStart }) => {
    checkInput(message.kind === 'batch', 'its footer names a record batch that is none');
    return { layout: message.batch, bodyStart, bytes: message.bodyLength };
  });
  const dictionaries = await readBlocks(source, footer.dictionaries, ({ message, bodyStart }) => {
    checkInput(message.kind === 'dictionary', 'its footer names a dictionary that is none');
    return { layout: message.batch, bodyStart, id: message.id, isDelta: message.isDelta, position: 0 };
  });
  return { fields: footer.fields, batches, dictionaries };
}

interface PlacedMessage {
  readonly message: ArrowMessage;
  readonly bodyStart: number;
}

async function readBlocks<T>(
  source: ByteSource,
  blocks: readonly ArrowBlock[],
  use: (placed: PlacedMessage) => T,
): Promise<readonly T[]> {
  const found: T[] = [];
  for (let i = 0; i < blocks.length; i += PARALLEL_READS) {
    const placed = await Promise.all(blocks.slice(i, i + PARALLEL_READS).map((block) => readBlock(source, block)));
    for (const one of placed) found.push(use(one));
  }
  return found;
}

async function readBlock(source: ByteSource, block: ArrowBlock): Promise<PlacedMessage> {
  const bodyStart = block.start + block.metadataLength;
  const bytes = await readExactly(source, block.start, bodyStart);
  const { prefixLength, length } = readPrefix(bytes);
  checkInput(length > 0 && prefixLength + length <= bytes.length, 'a message is longer than its footer says');
  return placeMessage(source, bytes.subarray(prefixLength, prefixLength + length), bodyStart);
}

function placeMessage(source: ByteSource, metadata: Uint8Array, bodyStart: number): PlacedMessage {
  const message = readMessage(metadata);
  if (bodyStart + message.bodyLength > source.byteLength) {
    throw badInput(`it ends at byte ${source.byteLength}, in the middle of a message: it was cut short`);
  }
  return { message, bodyStart };
}

/** The length in front of a message; 0 = end of stream, as are missing bytes. */
function readPrefix(bytes: Uint8Array): { prefixLength: number; length: number } {
  if (bytes.length < OLD_PREFIX_BYTES) return { prefixLength: bytes.length, length: 0 };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = view.getUint32(0, true);
  if (first !== CONTINUATION) return { prefixLength: OLD_PREFIX_BYTES, length: first };
  return { prefixLength: PREFIX_BYTES, length: bytes.length < PREFIX_BYTES ? 0 : view.getUint32(4, true) };
}

/** Contents of a stream: walks from message to message. */
export async function readStreamContents(source: ByteSource): Promise<ArrowContents> {
  const read = windowReader(source);
  const batches: ArrowContents['batches'][number][] = [];
  const dictionaries: StoredDictionary[] = [];
  let fields: readonly ArrowField[] | undefined;
  for (let at = 0; at < source.byteLength; ) {
    const prefix = readPrefix(await read(at, Math.min(at + PREFIX_BYTES, source.byteLength)));
    if (prefix.length === 0) break;
    const start = at + prefix.prefixLength;
    checkInput(start + prefix.length <= source.byteLength, 'it ends in the middle of a message: it was cut short');
    const { message, bodyStart } = placeMessage(
      source,
      await read(start, start + prefix.length),
      start + prefix.length,
    );
    if (message.kind === 'schema') {
      checkInput(fields === undefined, 'it has two schemas');
      fields = message.fields;
    } else checkInput(fields !== undefined, 'it does not begin with a schema');
    if (message.kind === 'batch') batches.push({ layout: message.batch, bodyStart, bytes: message.bodyLength });
    if (message.kind === 'dictionary') {
      const { id, isDelta, batch } = message;
      dictionaries.push({ layout: batch, bodyStart, id, isDelta, position: batches.length });
    }
    at = bodyStart + message.bodyLength;
  }
  checkInput(fields !== undefined, 'it has no schema');
  return { fields, batches, dictionaries };
}

/** Reads ahead a window at a time, going forward. */
function windowReader(source: ByteSource): (start: number, end: number) => Promise<Uint8Array> {
  let windowStart = 0;
  let window = new Uint8Array();
  return async (start, end) => {
    if (start < windowStart || end > windowStart + window.length) {
      window = new Uint8Array(
        await readExactly(source, start, Math.min(Math.max(end, start + WINDOW_BYTES), source.byteLength)),
      );
      windowStart = start;
    }
    return window.subarray(start - windowStart, end - windowStart);
  };
}
