/** What one run needs to know of an index: the shape that the configuration is filled into. */

import type { CoverageRule } from '../partition/coverage.js';
import type { ReadyRule } from '../partition/ready.js';
import type { PartitionTemplate } from '../partition/template.js';
import type { StoredCompression } from '../segment/compress.js';
import type { FieldType, TextAnalyzer } from '../segment/layout.js';
import type { PatchFieldEntry } from '../segment/patch-part.js';
import type { StoreConfig } from '../store/store.js';

export interface FieldSettings {
  readonly name: string;
  /** `numeric`: the column's own type decides, once the input is known. */
  readonly type: FieldType | 'numeric';
  /** Of text fields. */
  readonly analyzer?: TextAnalyzer | undefined;
}

export interface SchemaSettings {
  readonly id: string;
  readonly group?: string | undefined;
  readonly version?: string | undefined;
  readonly deleted?: string | undefined;
  readonly replace: 'record' | 'group';
  readonly fields: readonly FieldSettings[];
  readonly stored: readonly string[];
}

/** Where partitions come from, and when they count. */
export interface SourceSettings {
  readonly store: StoreConfig;
  readonly partition: PartitionTemplate;
  /** ms since the epoch; used only while the index has neither watermark nor base. */
  readonly start: number | undefined;
  readonly coverage: CoverageRule;
  readonly ready: ReadyRule;
  readonly onBadPartition: 'passOver' | 'hold';
}

/** A second source: id and columns whose values stand in the place of the rows' own. */
export interface PatchSettings {
  readonly name: string;
  readonly source: SourceSettings;
  readonly id: string;
  readonly version?: string | undefined;
  readonly fields: readonly PatchFieldEntry[];
  readonly unknownId: 'wait' | 'count';
}

/** A query that a new generation must answer, and with how many documents at least. */
export interface GoldenQuery {
  readonly query: string;
  readonly minTotal: number;
}

/** Bounds that a new generation must keep, else nothing is committed. */
export interface GateSettings {
  /** Live documents of the new generation over those of the one before. */
  readonly minDocRatio: number;
  /** Killed documents over stored ones. */
  readonly maxKillRatio: number;
  /** None unless told. */
  readonly queries?: readonly GoldenQuery[] | undefined;
}

/** One index: its source, its schema, its place, its bounds. */
export interface IndexSettings {
  readonly source: SourceSettings;
  readonly schema: SchemaSettings;
  readonly patches?: readonly PatchSettings[] | undefined;
  /** Digest of a schema without `numeric` fields: what may not differ between base and delta. */
  readonly fingerprintOf: (schema: SchemaSettings) => string;
  readonly index: StoreConfig;
  readonly maxRejectRatio: number;
  /** How stored fields are compressed; `DEFAULT_STORED_COMPRESSION` unless told. */
  readonly stored?: StoredCompression | undefined;
  /** Text bytes of a shard; by size and threads unless told. */
  readonly shardBytes?: number | undefined;
  readonly gate: GateSettings;
  /** How long what nothing names any more is kept; writers that reuse objects count on it. `DEFAULT_KEEP_MS` unless told. */
  readonly keepMs?: number | undefined;
}

/** As the configuration's default of `index.keep`. */
export const DEFAULT_KEEP_MS = 24 * 3_600_000;
