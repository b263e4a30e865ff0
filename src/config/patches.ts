/** The `patches` of one index: what each brings, held against the schema and against the others. */
import type { PatchSettings } from '../coordinator/settings.js';
import type { IndexOptions } from './schema.js';

/** Notes a mistake that two keys make together. */
export type Note = (path: readonly PropertyKey[], sentence: string) => void;

type PatchOptions = IndexOptions['patches'][number];

/** Undefined where a source cannot be filled in; `fillSource` notes why. */
export function fillPatches<Source extends PatchSettings['source']>(
  { patches, schema }: Pick<IndexOptions, 'patches' | 'schema'>,
  fillSource: (source: PatchOptions['source'], path: readonly PropertyKey[]) => Source | undefined,
  path: readonly PropertyKey[],
  note: Note,
): (PatchSettings & { readonly source: Source })[] | undefined {
  const filled = patches.map((patch, at) => {
    const here = [...path, 'patches', at];
    if (patches.findIndex(({ name }) => name === patch.name) < at) {
      note([...here, 'name'], `is '${patch.name}' twice; give every patch source a name of its own`);
    }
    checkVersion(patch, schema, here, note);
    checkFields(patch, schema, patches.slice(0, at), here, note);
    const source = fillSource(patch.source, [...here, 'source']);
    const fields = Object.entries(patch.fields).map(([name, type]) => ({ name, type }));
    const { name, id = schema.id, version, unknownId } = patch;
    const sorted = fields.sort((a, b) => (a.name < b.name ? -1 : 1));
    return source === undefined ? undefined : { name, source, id, version, fields: sorted, unknownId };
  });
  return filled.some((patch) => patch === undefined) ? undefined : filled.filter((patch) => patch !== undefined);
}

function checkVersion(
  { version, source }: PatchOptions,
  schema: IndexOptions['schema'],
  path: readonly PropertyKey[],
  note: Note,
): void {
  if (version !== undefined && schema.version === undefined) {
    note([...path, 'version'], 'is set, and schema.version is not; ranks compare only where rows have versions too');
  }
  if (source.coverage.mode === 'cumulative' && version === undefined) {
    note(
      [...path, 'version'],
      'is missing; cumulative partitions repeat patches, and only a version tells which is newer',
    );
  }
}

function checkFields(
  { fields }: PatchOptions,
  schema: IndexOptions['schema'],
  others: readonly PatchOptions[],
  path: readonly PropertyKey[],
  note: Note,
): void {
  if (Object.keys(fields).length === 0) note([...path, 'fields'], 'is empty; write a field and its type a line');
  for (const [name, type] of Object.entries(fields)) {
    const here = [...path, 'fields', name];
    const declared = schema.fields[name];
    const found = typeof declared === 'string' ? declared : declared?.type;
    if (name === schema.version || name === schema.deleted || name === schema.id || name === schema.group) {
      note(here, 'decides what a row is, and so only rows may bring it');
    } else if (found === undefined) {
      note(here, 'is no field of the schema; patches change fields that rows have');
    } else if (found !== type && !(found === 'numeric' && type !== 'keyword')) {
      note(here, `is ${type}, and the schema's field is ${found}; write ${found}`);
    }
    const other = others.find((patch) => Object.hasOwn(patch.fields, name));
    if (other !== undefined) note(here, `is brought by ${other.name} already; a field has one patch source`);
  }
}
