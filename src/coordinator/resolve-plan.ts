/**
 * The schema as configured + the columns as the input has them -> the build plan that workers follow.
 *
 * An input that lacks a key column cannot be indexed. A field's column may be missing in some inputs (a nullable column that came
 * later): it reads as null; missing in all of them, it is a mistake in the configuration.
 */

import { assert, TidemarkError } from '../base/errors.js';
import type { InputFile } from '../decode/input.js';
import { type FieldType, hasTerms, VERSION_FIELD } from '../segment/layout.js';
import type { BuildPlan, PlannedField } from '../shard/task.js';
import type { SchemaSettings } from './settings.js';

/** An opened object of the partition. */
export interface OpenedInput {
  readonly key: string;
  readonly file: Pick<InputFile, 'columns' | 'rowGroups'>;
}

/** Fields that the index holds already, by name. */
export type KnownTypes = ReadonlyMap<string, FieldType>;

/** Gives every `numeric` field the type that the index has for it already, or else the one that its column calls for. */
export function resolveTypes(
  schema: SchemaSettings,
  inputs: readonly OpenedInput[],
  known: KnownTypes,
): SchemaSettings {
  const fields = schema.fields.map((field) =>
    field.type === 'numeric' ? { ...field, type: known.get(field.name) ?? numericType(field.name, inputs) } : field,
  );
  return { ...schema, fields };
}

/** The plan for these inputs; the schema's types are resolved. */
export function resolvePlan(schema: SchemaSettings, inputs: readonly OpenedInput[], known: KnownTypes): BuildPlan {
  const required: readonly (readonly [role: string, column: string | undefined])[] = [
    ['id', schema.id],
    ['group', schema.group],
    ['version', schema.version],
    ['deleted', schema.deleted],
  ];
  for (const [role, column] of required) {
    if (column !== undefined) requireColumn(role, column, inputs);
  }
  const fields = schema.fields.map(({ name, type, analyzer }): PlannedField => {
    assert(type !== 'numeric', `the type of field '${name}' is resolved before it is planned`);
    if (!known.has(name)) requireSomewhere(name, inputs);
    return type === 'text' ? { name, type, analyzer: analyzer ?? 'standard' } : { name, type };
  });
  const numeric = new Set(fields.filter(({ type }) => !hasTerms(type)).map(({ name }) => name));
  return {
    id: schema.id,
    group: schema.group,
    version:
      schema.version === undefined
        ? undefined
        : { column: schema.version, field: numeric.has(schema.version) ? schema.version : VERSION_FIELD },
    deleted: schema.deleted,
    replaceGroup: schema.replace === 'group',
    fields,
    stored: schema.stored,
  };
}

function columnNames(input: OpenedInput): string {
  return input.file.columns.map(({ name, type }) => `${name} (${type})`).join(', ');
}

function requireColumn(role: string, column: string, inputs: readonly OpenedInput[]): void {
  const lacking = inputs.find(({ file }) => !file.columns.some(({ name }) => name === column));
  if (lacking === undefined) return;
  throw new TidemarkError('bad-data', `there is no column '${column}', which schema.${role} names`, {
    where: { object: lacking.key },
    fix: `it has ${columnNames(lacking)}: name one of these, or have the writer add it`,
  });
}

function requireSomewhere(column: string, inputs: readonly OpenedInput[]): void {
  const [first] = inputs;
  if (first === undefined || inputs.some(({ file }) => file.columns.some(({ name }) => name === column))) return;
  throw new TidemarkError(
    'bad-data',
    `no object of the partition has a column '${column}', which schema.fields names`,
    {
      where: { object: first.key },
      fix: `it has ${columnNames(first)}: name one of these, or leave the field out`,
    },
  );
}

/** `numeric` without a width: whole numbers are i64, fractions f64, instants timestamps. */
function numericType(column: string, inputs: readonly OpenedInput[]): FieldType {
  for (const { key, file } of inputs) {
    const type = file.columns.find(({ name }) => name === column)?.type;
    if (type === undefined) continue;
    if (/^(timestamp|date|int96)/i.test(type)) return 'timestamp';
    if (/^bool/i.test(type)) return 'bool';
    if (/^u?int/i.test(type)) return 'i64';
    if (/^(float|double|half|decimal)/i.test(type)) return 'f64';
    throw new TidemarkError('bad-data', `column '${column}' is ${type}, which is no number`, {
      where: { object: key },
      fix: 'list it under --keyword or --text instead',
    });
  }
  return 'i64';
}
