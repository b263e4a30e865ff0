/**
 * The pages of one column chunk as plain data, read from their headers: sizes, counts, encodings.
 * Spec: parquet-format, parquet.thrift (PageHeader).
 */
import { badInput, checkInput } from './bad-input.js';
import { readThriftAt, type ThriftStruct, thriftNumber, thriftStruct } from './thrift.js';

/** Field numbers of PageHeader and of the three headers inside. */
const PAGE = { type: 1, rawBytes: 2, bytes: 3, data: 5, dictionary: 7, dataV2: 8 } as const;
const DATA = { values: 1, encoding: 2, definitionEncoding: 3, repetitionEncoding: 4 } as const;
const DICTIONARY = { values: 1, encoding: 2 } as const;
const DATA_V2 = {
  values: 1,
  nulls: 2,
  rows: 3,
  encoding: 4,
  definitionBytes: 5,
  repetitionBytes: 6,
  isCompressed: 7,
} as const;
/** Page types. */
const TYPE = { data: 0, index: 1, dictionary: 2, dataV2: 3 } as const;
/** Numbers of Parquet's encodings. */
export const ENCODING = { plain: 0, plainDictionary: 2, rle: 3, rleDictionary: 8 } as const;

/** Bytes `[start, end)` of the chunk, behind the header, and how many they are once decompressed. */
interface PageBody {
  readonly start: number;
  readonly end: number;
  readonly rawBytes: number;
}

export interface DictionaryPage extends PageBody {
  readonly values: number;
}

export interface DataPage extends PageBody {
  readonly version: 1 | 2;
  /** Levels in it: rows of a flat column, null ones too; elements and empty lists of a list column. */
  readonly entries: number;
  /** Rows that begin in it, where the page tells. */
  readonly rows: number | undefined;
  /** Levels without a value, where the page tells. */
  readonly nulls: number | undefined;
  readonly encoding: number;
  readonly isCompressed: boolean;
  /** Of the levels; means nothing where the column has none. */
  readonly repetitionEncoding: number;
  readonly definitionEncoding: number;
  /** Bytes of levels in front of the values; 0 in version 1, which has them among the values. */
  readonly repetitionBytes: number;
  readonly definitionBytes: number;
}

export interface PageTable {
  readonly dictionary: DictionaryPage | undefined;
  readonly pages: readonly DataPage[];
  /** Of all data pages. */
  readonly entries: number;
}

/** Walks the headers of a whole chunk. Errors: `bad-data` without a place where they make no sense. */
export function readPageTable(chunk: Uint8Array): PageTable {
  const pages: DataPage[] = [];
  let dictionary: DictionaryPage | undefined;
  for (let at = 0; at < chunk.length; ) {
    const { struct, end: start } = readThriftAt(chunk, at);
    const end = start + count(struct, PAGE.bytes, 'page size');
    checkInput(end <= chunk.length, 'a page reaches beyond its column chunk');
    const body = { start, end, rawBytes: count(struct, PAGE.rawBytes, 'page size') };
    at = end;
    switch (thriftNumber(struct, PAGE.type)) {
      case TYPE.dictionary:
        checkInput(dictionary === undefined && pages.length === 0, 'a dictionary does not come first');
        dictionary = dictionaryPage(body, thriftStruct(struct, PAGE.dictionary));
        break;
      case TYPE.data:
        pages.push(dataPage(body, thriftStruct(struct, PAGE.data)));
        break;
      case TYPE.dataV2:
        pages.push(dataPageV2(body, thriftStruct(struct, PAGE.dataV2)));
        break;
      case TYPE.index:
        continue;
      default:
        throw badInput('a page is of unknown type');
    }
  }
  return { dictionary, pages, entries: pages.reduce((sum, page) => sum + page.entries, 0) };
}

function dictionaryPage(body: PageBody, header: ThriftStruct | undefined): DictionaryPage {
  const encoding = thriftNumber(header, DICTIONARY.encoding);
  checkInput(encoding === ENCODING.plain || encoding === ENCODING.plainDictionary, 'a dictionary is not plain');
  return { ...body, values: count(header, DICTIONARY.values, 'value count') };
}

function dataPage(body: PageBody, header: ThriftStruct | undefined): DataPage {
  return {
    ...body,
    version: 1,
    entries: count(header, DATA.values, 'value count'),
    rows: undefined,
    nulls: undefined,
    encoding: count(header, DATA.encoding, 'encoding'),
    isCompressed: true,
    repetitionEncoding: count(header, DATA.repetitionEncoding, 'encoding'),
    definitionEncoding: count(header, DATA.definitionEncoding, 'encoding'),
    repetitionBytes: 0,
    definitionBytes: 0,
  };
}

function dataPageV2(body: PageBody, header: ThriftStruct | undefined): DataPage {
  return {
    ...body,
    version: 2,
    entries: count(header, DATA_V2.values, 'value count'),
    rows: count(header, DATA_V2.rows, 'row count'),
    nulls: count(header, DATA_V2.nulls, 'null count'),
    encoding: count(header, DATA_V2.encoding, 'encoding'),
    isCompressed: header?.get(DATA_V2.isCompressed)?.value !== false,
    repetitionEncoding: ENCODING.rle,
    definitionEncoding: ENCODING.rle,
    repetitionBytes: count(header, DATA_V2.repetitionBytes, 'level size'),
    definitionBytes: count(header, DATA_V2.definitionBytes, 'level size'),
  };
}

function count(header: ThriftStruct | undefined, field: number, what: string): number {
  const value = thriftNumber(header, field);
  checkInput(value !== undefined && value >= 0 && value <= 0x7fffffff, `a ${what} of ${value} is not possible`);
  return value;
}
