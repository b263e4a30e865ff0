/**
 * Arrow IPC metadata (FlatBuffers) -> plain data. The generated accessors trust every count they read, so counts are
 * held against the size of the message first: a garbled one must cost a message, not memory.
 * Spec: Arrow format, Message.fbs, Schema.fbs and File.fbs.
 */
import { DictionaryBatch } from 'apache-arrow/fb/dictionary-batch';
import { Footer } from 'apache-arrow/fb/footer';
import { Message } from 'apache-arrow/fb/message';
import { RecordBatch } from 'apache-arrow/fb/record-batch';
import { Schema } from 'apache-arrow/fb/schema';
import { ByteBuffer } from 'flatbuffers';
import type { ArrowField } from './arrow-layout.js';
import { readFields } from './arrow-schema.js';
import { badInput, checkInput } from './bad-input.js';

/** Bytes per element of the vectors in a record batch, a schema and a footer. */
const NODE_BYTES = 16;
const BUFFER_BYTES = 16;
const COUNT_BYTES = 8;
const BLOCK_BYTES = 24;

/** MessageHeader of Message.fbs. */
const HEADER = { schema: 1, dictionary: 2, batch: 3 } as const;
/** MetadataVersion: V4 is the first of the 1.0 layout. */
const VERSION_V4 = 3;

export type ArrowCodec = 'none' | 'lz4' | 'zstd';

/** Where the buffers of a record batch lie in its body, flattened depth first. */
export interface BatchLayout {
  readonly rows: number;
  readonly nodes: readonly { readonly rows: number; readonly nullCount: number }[];
  readonly buffers: readonly { readonly offset: number; readonly length: number }[];
  /** Data buffers of each view column, in order. */
  readonly variadicCounts: readonly number[];
  readonly codec: ArrowCodec;
}

/** A message without its body. */
export type ArrowMessage = { readonly bodyLength: number } & (
  | { readonly kind: 'schema'; readonly fields: readonly ArrowField[] }
  | { readonly kind: 'batch'; readonly batch: BatchLayout }
  | { readonly kind: 'dictionary'; readonly id: number; readonly isDelta: boolean; readonly batch: BatchLayout }
  | { readonly kind: 'other' }
);

/** A message in a file: metadata (prefix included) at `[start, start + metadataLength)`, its body behind. */
export interface ArrowBlock {
  readonly start: number;
  readonly metadataLength: number;
  readonly bodyLength: number;
}

export interface ArrowFooter {
  readonly fields: readonly ArrowField[];
  readonly dictionaries: readonly ArrowBlock[];
  readonly batches: readonly ArrowBlock[];
}

/** Reads a message's FlatBuffers bytes. Errors: `bad-data` for anything that does not fit together. */
export function readMessage(bytes: Uint8Array): ArrowMessage {
  const message = Message.getRootAsMessage(new ByteBuffer(bytes));
  const bodyLength = wholeNumber(message.bodyLength(), 'body length');
  checkVersion(message.version());
  switch (message.headerType() as number) {
    case HEADER.schema: {
      const schema: Schema | null = message.header(new Schema());
      return { kind: 'schema', bodyLength, fields: readFields(schema, message.version(), bytes.length) };
    }
    case HEADER.batch: {
      const batch: RecordBatch | null = message.header(new RecordBatch());
      return { kind: 'batch', bodyLength, batch: readBatch(batch, bodyLength, bytes.length) };
    }
    case HEADER.dictionary: {
      const dictionary: DictionaryBatch | null = message.header(new DictionaryBatch());
      checkInput(dictionary !== null, 'a dictionary message is empty');
      const batch = readBatch(dictionary.data(), bodyLength, bytes.length);
      return { kind: 'dictionary', bodyLength, id: Number(dictionary.id()), isDelta: dictionary.isDelta(), batch };
    }
    default:
      return { kind: 'other', bodyLength };
  }
}

/** Reads a file's footer. */
export function readArrowFooter(bytes: Uint8Array): ArrowFooter {
  const footer = Footer.getRootAsFooter(new ByteBuffer(bytes));
  checkVersion(footer.version());
  checkCount(footer.dictionariesLength(), BLOCK_BYTES, bytes.length);
  checkCount(footer.recordBatchesLength(), BLOCK_BYTES, bytes.length);
  return {
    fields: readFields(footer.schema(), footer.version(), bytes.length),
    dictionaries: listOf(footer.dictionariesLength(), (i) => readBlock(footer.dictionaries(i))),
    batches: listOf(footer.recordBatchesLength(), (i) => readBlock(footer.recordBatches(i))),
  };
}

function readBlock(block: ReturnType<Footer['recordBatches']>): ArrowBlock {
  checkInput(block !== null, 'its footer names a batch without a place');
  return {
    start: wholeNumber(block.offset(), 'batch offset'),
    metadataLength: wholeNumber(block.metaDataLength(), 'metadata length'),
    bodyLength: wholeNumber(block.bodyLength(), 'body length'),
  };
}

function readBatch(batch: RecordBatch | null, bodyLength: number, limit: number): BatchLayout {
  checkInput(batch !== null, 'a record batch message is empty');
  checkCount(batch.nodesLength(), NODE_BYTES, limit);
  checkCount(batch.buffersLength(), BUFFER_BYTES, limit);
  checkCount(batch.variadicBufferCountsLength(), COUNT_BYTES, limit);
  const rows = wholeNumber(batch.length(), 'row count');
  checkInput(rows <= 0x7fffffff, `a record batch of ${rows} rows is not possible`);
  return {
    rows,
    nodes: listOf(batch.nodesLength(), (i) => ({
      rows: wholeNumber(batch.nodes(i)!.length(), 'row count'),
      nullCount: wholeNumber(batch.nodes(i)!.nullCount(), 'null count'),
    })),
    buffers: listOf(batch.buffersLength(), (i) => {
      const offset = wholeNumber(batch.buffers(i)!.offset(), 'buffer offset');
      const length = wholeNumber(batch.buffers(i)!.length(), 'buffer length');
      // Empty buffers may point anywhere.
      checkInput(length === 0 || offset + length <= bodyLength, 'a buffer reaches beyond its record batch');
      return { offset: length === 0 ? 0 : offset, length };
    }),
    variadicCounts: listOf(batch.variadicBufferCountsLength(), (i) =>
      wholeNumber(batch.variadicBufferCounts(i) ?? 0n, 'buffer count'),
    ),
    codec: readCodec(batch),
  };
}

function readCodec(batch: RecordBatch): ArrowCodec {
  const compression = batch.compression();
  if (compression === null) return 'none';
  const codec = compression.codec() as number;
  checkInput(codec === 0 || codec === 1, `compression codec ${codec} is unknown`);
  return codec === 0 ? 'lz4' : 'zstd';
}

function checkVersion(version: number): void {
  if (version >= VERSION_V4) return;
  throw badInput('it is written in an Arrow format from before version 0.8', {
    fix: 'have its producer write it with a newer Arrow',
  });
}

function checkCount(count: number, elementBytes: number, limit: number): void {
  checkInput(count >= 0 && count * elementBytes <= limit, 'its metadata holds an impossible count');
}

function wholeNumber(value: bigint | number, what: string): number {
  const number = Number(value);
  checkInput(number >= 0 && Number.isSafeInteger(number), `a ${what} of ${value} is not possible`);
  return number;
}

function listOf<T>(count: number, at: (i: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, i) => at(i));
}
