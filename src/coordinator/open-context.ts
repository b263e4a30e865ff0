/** Gathers what every step of a run works with, once it is clear that there is something to look at. */

import { openInput } from '../decode/input.js';
import type { Manifest } from '../manifest/manifest.js';
import { objectSource } from '../store/byte-source.js';
import type { RunContext, RunDependencies, RunOptions } from './context.js';
import { indexContext } from './index-context.js';
import { knownTypesOf } from './known-types.js';
import type { PhaseTimer } from './phases.js';
import { type KnownTypes, resolveTypes } from './resolve-plan.js';
import type { SelectionResult } from './select-partitions.js';
import type { IndexSettings, SchemaSettings } from './settings.js';

export async function openContext(
  deps: RunDependencies,
  settings: IndexSettings,
  options: RunOptions,
  previous: Manifest | undefined,
  selected: SelectionResult,
  phases: PhaseTimer,
  signal: AbortSignal,
): Promise<RunContext> {
  const knownTypes = options.base ? new Map() : await knownTypesOf(deps, previous);
  const schema = await resolveSchema(deps, settings, selected, knownTypes);
  return {
    ...indexContext(deps, settings, previous, phases, signal),
    schema,
    fingerprint: settings.fingerprintOf(schema),
    knownTypes,
    keptParts: new Map(previous?.coverage.partitions.map(({ time, part }) => [time, part])),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  };
}

/** Fields typed `numeric` take their column's type: it is looked up in the newest object selected, once. */
async function resolveSchema(
  deps: RunDependencies,
  settings: IndexSettings,
  selected: SelectionResult,
  known: KnownTypes,
): Promise<SchemaSettings> {
  const { schema } = settings;
  if (schema.fields.every(({ name, type }) => type !== 'numeric' || known.has(name))) {
    return resolveTypes(schema, [], known);
  }
  const object = selected.selection.partitions.at(-1)!.objects[0]!;
  const file = await openInput(objectSource(deps.source, object), object);
  try {
    return resolveTypes(schema, [{ key: object.key, file }], known);
  } finally {
    file.close();
  }
}
