/** What every reader of an input file offers, whatever its format. */
import type { ColumnRequest, ColumnSet } from './columns.js';
import type { PagedRead } from './paged.js';

export type InputFormat = 'parquet' | 'arrow-file' | 'arrow-stream';

/** A column of the file, and how it is stored as far as the file tells. */
export interface InputColumn {
  readonly name: string;
  /** As a person writes it, e.g. `list<string>` or `timestamp[us, UTC]`. */
  readonly type: string;
  readonly nullable: boolean;
}

/** A Parquet row group or an Arrow record batch. */
export interface InputRowGroup {
  readonly rows: number;
  /** Its bytes in the file, compressed. */
  readonly bytes: number;
  /** Per column of the file, its bytes before compression (encoded); undefined where only the whole is known. */
  readonly rawBytes: readonly number[] | undefined;
}

/** How a column is stored, over all row groups; the lists hold each name once. */
export interface ColumnStorage {
  readonly name: string;
  readonly codecs: readonly string[];
  readonly encodings: readonly string[];
  /** undefined where only the whole record batch is known. */
  readonly compressedBytes: number | undefined;
  readonly uncompressedBytes: number | undefined;
}

export interface ReadRowsRequest {
  readonly rowGroup: number;
  /** Half-open, counted within the row group. */
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly columns: readonly ColumnRequest[];
  readonly signal?: AbortSignal | undefined;
}

/** An opened input. It holds the schema and the row group table; data is fetched per read. */
export interface InputFile {
  readonly format: InputFormat;
  readonly rows: number;
  readonly columns: readonly InputColumn[];
  readonly rowGroups: readonly InputRowGroup[];
  /** Compression codecs met, `none` among them; empty when nothing is stored. */
  readonly codecs: readonly string[];
  readonly storage: readonly ColumnStorage[];
  /** The program that wrote the file, where the format records it. */
  readonly createdBy: string | undefined;
  /**
   * Per column, `v1` or `v2` as the first data page says; empty for Arrow and for encrypted columns. Reads a little.
   * Errors: `bad-data` when that page is damaged.
   */
  pageVersions(): Promise<readonly (readonly string[])[]>;
  /**
   * Decodes rows of one row group. A requested column that the file lacks is `undefined` in the answer.
   * Errors: `bad-data` naming file, row group and column when data is damaged or cannot be read in the asked shape;
   * `cancelled` on abort; errors of the source pass through. Reads may overlap; a failed one harms no other.
   */
  readRows(request: ReadRowsRequest): Promise<ColumnSet>;
  /**
   * Parquet only: the same columns as pages still to be decoded where they are of the common shapes, and requests for all others that
   * the file has. Errors: as `readRows`, but pages are not looked into.
   */
  readPages?(request: ReadRowsRequest): Promise<PagedRead>;
  /** Lets go of what is cached. Reading afterwards is a mistake. */
  close(): void;
}
