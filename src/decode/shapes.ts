/** Which column type can be read as which shape, decided from the schema before any byte of data is fetched. */
import type { ArrowType } from './arrow-layout.js';
import type { ColumnShape } from './columns.js';

const SCALARS_AS_TEXT: ReadonlySet<ArrowType['kind']> = new Set([
  'int',
  'bool',
  'decimal',
  'date',
  'time',
  'timestamp',
  'int96',
]);

/** undefined when `type` can be read as `shape`; else what would have to change. */
export function shapeMismatch(type: ArrowType, shape: ColumnShape): string | undefined {
  if (type.kind === 'null') return undefined;
  if (type.kind === 'dictionary') {
    return isList(type.value) ? MISMATCH_FIX[shape] : shapeMismatch(type.value, shape);
  }
  return isReadable(type, shape) ? undefined : MISMATCH_FIX[shape];
}

function isReadable(type: ArrowType, shape: ColumnShape): boolean {
  switch (shape) {
    case 'text':
      return isText(type) || (isList(type) && isTextElement(type.child.type, isText));
    case 'keyword':
      return isKeyword(type) || (isList(type) && isTextElement(type.child.type, isKeyword));
    case 'i64':
      return type.kind === 'int' || type.kind === 'bool' || (type.kind === 'decimal' && type.scale <= 0);
    case 'f64':
      return type.kind === 'int' || type.kind === 'float' || type.kind === 'decimal';
    case 'timestamp':
      return isInstant(type) || type.kind === 'int';
    case 'version':
      return isInstant(type) || type.kind === 'int' || (type.kind === 'decimal' && type.scale <= 0);
    case 'bool':
      return type.kind === 'bool' || type.kind === 'int';
  }
}

function isTextElement(type: ArrowType, test: (type: ArrowType) => boolean): boolean {
  if (type.kind === 'dictionary') return test(type.value);
  return type.kind === 'null' || test(type);
}

function isText(type: ArrowType): boolean {
  return type.kind === 'utf8' || type.kind === 'binary' || type.kind === 'fixed';
}

function isKeyword(type: ArrowType): boolean {
  return isText(type) || SCALARS_AS_TEXT.has(type.kind);
}

function isInstant(type: ArrowType): boolean {
  return type.kind === 'timestamp' || type.kind === 'date' || type.kind === 'int96';
}

function isList(type: ArrowType): type is Extract<ArrowType, { kind: 'list' | 'fixed-list' }> {
  return type.kind === 'list' || type.kind === 'fixed-list';
}

const DROP = 'or drop it from fields';
const MISMATCH_FIX: Readonly<Record<ColumnShape, string>> = {
  text: `choose a string or list<string> column ${DROP}`,
  keyword: `choose a string, list<string>, integer, bool, decimal or date column ${DROP}`,
  i64: `choose an integer, bool or whole decimal column, read fractions as f64, ${DROP}`,
  f64: `choose a float, integer or decimal column ${DROP}`,
  timestamp: `choose a timestamp or date column, or an integer one of milliseconds since 1970, ${DROP}`,
  version: 'choose an integer, timestamp or date column as the version',
  bool: 'choose a bool column, or an integer one of 0 and 1',
};
