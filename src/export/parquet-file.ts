/** Columns as a Parquet file, written row group by row group through any sink; snappy, as every reader has it. */
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';

export interface ParquetColumn {
  readonly name: string;
  /** `strings`: a list of strings a row. `micros`: an instant in microseconds since the epoch, UTC. */
  readonly type: 'string' | 'strings' | 'i64' | 'f64' | 'bool' | 'micros' | 'i32';
  readonly nullable: boolean;
}

/** A column's values of one row group, null where there is none. */
export type ColumnValues = readonly unknown[];

type Schema = ConstructorParameters<typeof ParquetWriter>[0]['schema'];
type SchemaElement = Schema[number];

/** Values of `groups`, one list a column, become row groups in order; yields the file's bytes. */
export async function* parquetBytes(
  columns: readonly ParquetColumn[],
  groups: AsyncIterable<readonly ColumnValues[]>,
): AsyncGenerator<Uint8Array> {
  const sink = new ByteWriter();
  const schema: Schema = [
    { name: 'root', num_children: columns.length, repetition_type: 'REQUIRED' },
    ...columns.flatMap(elementsOf),
  ];
  const writer = new ParquetWriter({ writer: sink, schema, createdBy: 'tidemark export' });
  for await (const values of groups) {
    const rowGroupSize = values[0]!.length;
    if (rowGroupSize === 0) continue;
    const columnData = columns.map(({ name }, i) => ({ name, data: values[i] as unknown[] }));
    await writer.write({ columnData, rowGroupSize });
    yield takeBytes(sink);
  }
  await writer.finish();
  yield takeBytes(sink);
}

/** What has been written so far; the writer goes on in an empty buffer, its offsets count on. */
function takeBytes(sink: ByteWriter): Uint8Array {
  const bytes = sink.getBytes().slice();
  sink.index = 0;
  return bytes;
}

function elementsOf({ name, type, nullable }: ParquetColumn): SchemaElement[] {
  const repetition_type = nullable ? 'OPTIONAL' : 'REQUIRED';
  switch (type) {
    case 'string':
      return [{ name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type }];
    case 'strings':
      return [
        { name, repetition_type, converted_type: 'LIST', num_children: 1 },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        { name: 'element', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
      ];
    case 'i64':
      return [{ name, type: 'INT64', repetition_type }];
    case 'i32':
      return [{ name, type: 'INT32', repetition_type }];
    case 'f64':
      return [{ name, type: 'DOUBLE', repetition_type }];
    case 'bool':
      return [{ name, type: 'BOOLEAN', repetition_type }];
    case 'micros':
      return [
        {
          name,
          type: 'INT64',
          converted_type: 'TIMESTAMP_MICROS',
          logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
          repetition_type,
        },
      ];
  }
}
