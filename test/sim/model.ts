/**
 * What an index must hold, worked out from the rows themselves: which objects a manifest claims, and what a person would read in
 * them. Knows the JSON of manifests and records and nothing of how they are made.
 */
import { expectedOf, type InputRow } from '../support/oracle.js';
import type { SimRow } from './corpus.js';
import { must } from './violation.js';
import { type PlainManifest, partitionTimeOf, type World } from './world.js';

/** An object as a part was built from it. */
export interface ClaimedObject {
  readonly key: string;
  readonly etag: string;
}

interface PlainRecord {
  readonly partitions: readonly number[];
  readonly objects: readonly ClaimedObject[];
  readonly parts: readonly string[];
}

/** A partition that a manifest claims, with the objects of it. */
export interface ClaimedPartition {
  readonly time: number;
  readonly objects: readonly ClaimedObject[];
}

export interface Claims {
  readonly base: readonly ClaimedPartition[];
  readonly delta: readonly ClaimedPartition[];
}

export function claimsOf(world: World, manifest: PlainManifest): Claims {
  const read = (key: string): PlainRecord => {
    const known = world.records.get(key);
    if (known !== undefined) return known as PlainRecord;
    const there = world.index.current(key);
    must(there !== undefined, 'every manifest is complete', () => `generation ${manifest.generation} lacks ${key}`);
    const record = JSON.parse(new TextDecoder().decode(there.bytes)) as PlainRecord;
    world.records.set(key, record);
    return record;
  };
  const partsOf = (key: string): ClaimedPartition[] => {
    const { parts, partitions, objects } = read(key.replace(/\.tms$/, '.json'));
    return parts.length > 0 ? parts.flatMap(partsOf) : [{ time: partitions[0]!, objects }];
  };
  return {
    base: (manifest.base?.segments ?? []).flatMap(({ name }) => partsOf(name)),
    delta: manifest.coverage.partitions.flatMap(({ part }) => partsOf(`parts/${part}.tms`)),
  };
}

/** Live rows by id. */
export function expectedLive(world: World, { base, delta }: Claims): ReadonlyMap<string, SimRow> {
  const { replace, versioned } = world.plan.config;
  const rows: (InputRow & { readonly row: number })[] = [];
  const byPlace = new Map<InputRow, SimRow>();
  for (const { time, objects } of [...base, ...delta]) {
    for (const { key, etag } of objects) {
      const held = world.rows.get(etag);
      must(held !== undefined && held !== 'garbage', 'an index holds data only', () => `${key} ${etag}`);
      held.forEach((row, i) => {
        const { id, group, version, deleted } = row;
        const input = {
          partitionTime: time,
          objectKey: key,
          rowGroup: 0,
          row: i,
          id,
          group,
          version,
          deleted,
          fields: {},
        };
        rows.push(input);
        byPlace.set(input, row);
      });
    }
  }
  const { live } = expectedOf(rows, { replace, versioned });
  return new Map([...live].map(([id, row]) => [id, byPlace.get(row)!]));
}

/** Partitions of the source as they stand now, with data, oldest first. */
export interface StandingPartition {
  readonly time: number;
  readonly objects: readonly {
    readonly key: string;
    readonly etag: string;
    readonly since: number;
    readonly size: number;
  }[];
  readonly isBad: boolean;
  /** Newest change of an object; a deletion leaves no trace. */
  readonly since: number;
}

export function standingPartitions(world: World): StandingPartition[] {
  const byTime = new Map<number, { key: string; etag: string; since: number; size: number }[]>();
  for (const { info, since } of world.source.all()) {
    const time = partitionTimeOf(info.key);
    const name = info.key.slice(info.key.lastIndexOf('/') + 1);
    if (time === undefined || info.size === 0 || name.startsWith('_') || name.startsWith('.')) continue;
    const objects = byTime.get(time) ?? [];
    objects.push({ key: info.key, etag: info.etag, since, size: info.size });
    byTime.set(time, objects);
  }
  return [...byTime]
    .sort(([a], [b]) => a - b)
    .map(([time, objects]) => ({
      time,
      objects: objects.toSorted((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key))),
      isBad: objects.some(({ etag }) => world.rows.get(etag) === 'garbage'),
      since: Math.max(...objects.map((object) => object.since)),
    }));
}
