/** Where names that are no partition of the range are noted down on the way. */
export interface Sightings {
  /** Keys and folders that are no partition, with the reason. */
  readonly ignored: Map<string, string>;
  /** Folders beyond the upper bound, with the earliest time they can hold. */
  readonly future: Map<string, number>;
}

export function createSightings(): Sightings {
  return { ignored: new Map(), future: new Map() };
}

/** Notes a name that is no partition; names starting `_` or `.` say so. */
export function noteIgnored(seen: Sightings, key: string, reason: string): void {
  const name = key.replace(/\/$/, '').split('/').at(-1)!;
  const isHidden = name.startsWith('_') || name.startsWith('.');
  seen.ignored.set(key, isHidden ? `a name that starts with "${name[0]}"` : reason);
}
