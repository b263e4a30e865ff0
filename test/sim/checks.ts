/** What must hold after every commit, whoever made it and whatever went wrong on the way. */
import { describeError } from '#src/base/errors.js';
import { simObject } from './corpus.js';
import { type Claims, claimsOf, expectedLive, standingPartitions } from './model.js';
import { MAX_FUTURE_SKEW_MS } from './plan.js';
import { type FoundRow, GenerationReader } from './read-index.js';
import { must, Violation } from './violation.js';
import { type Created, isDataName, type PlainManifest, partitionTimeOf, STALE_MS, type World } from './world.js';

export const msOf = (time: string | null): number => (time === null ? Number.NEGATIVE_INFINITY : Date.parse(time));
const iso = (ms: number) => new Date(ms).toISOString();

export class CommitChecks {
  readonly #reader: GenerationReader;
  #previous: PlainManifest | undefined;
  /** Daemons that took turns under one epoch. */
  readonly #turns = new Map<number, string[]>();

  constructor(private readonly world: World) {
    this.#reader = new GenerationReader(world);
  }

  /** Commits must be handed over in the order in which they were created. */
  async check(created: Created): Promise<void> {
    const manifest = JSON.parse(new TextDecoder().decode(created.bytes)) as PlainManifest;
    const previous = this.#previous;
    this.#previous = manifest;
    this.world.trace(
      () =>
        `= generation ${manifest.generation} of epoch ${manifest.epoch} by ${created.by?.name}: watermark ${manifest.watermark}, ` +
        `partitions ${manifest.coverage.partitions.map(({ time }) => time.slice(11, 16))}`,
    );
    requireLine(manifest, previous, created);
    this.#requireOneLead(manifest.epoch, created.by?.name);
    requireWatermark(manifest, previous);
    const live = await this.#live(created);
    const claims = claimsOf(this.world, manifest);
    this.world.heldBy.set(manifest.generation, requireDocuments(this.world, live, claims, manifest));
    if (this.world.plan.config.replace === 'group') requireWholeGroups(live, manifest);
    // A new base takes the delta beyond it along as it is; the next run of the daemon looks at it again.
    if (created.by?.name.startsWith('op') !== true) requirePinned(this.world, claims, created);
    requireReady(this.world, claims, created);
    requireToldGaps(this.world, manifest, created, (previous?.held.length ?? 0) > manifest.held.length);
  }

  async #live({ bytes, info }: Created): Promise<FoundRow[]> {
    try {
      return await this.#reader.live(bytes, info.key);
    } catch (error) {
      if (error instanceof Violation) throw error;
      throw new Violation('every manifest is readable', `${info.key}: ${describeError(error)}`);
    }
  }

  /** Two daemons that raced for one epoch may both commit under it once; then one of them takes a higher one. */
  #requireOneLead(epoch: number, by: string | undefined): void {
    if (by === undefined || by.startsWith('op')) return;
    const turns = this.#turns.get(epoch) ?? [];
    if (turns.at(-1) !== by) turns.push(by);
    this.#turns.set(epoch, turns);
    must(turns.length < 4, 'one daemon leads', () => `under epoch ${epoch}: ${turns}`);
  }
}

/** One line of commits: no number twice, none left out, and no epoch lower than one that the writer or the line has seen. */
function requireLine(manifest: PlainManifest, previous: PlainManifest | undefined, created: Created): void {
  const { generation, epoch } = manifest;
  const by = created.by?.name;
  must(!created.replaced, 'a generation is created once', () => `generation ${generation} was overwritten by ${by}`);
  must(generation === (previous?.generation ?? 0) + 1, 'generations have no holes', () => `${generation} by ${by}`);
  const lowest = Math.max(previous?.epoch ?? 0, created.epochSeen);
  must(epoch >= lowest, 'no commit by a fenced writer', () => `${by} commits ${epoch}, ${lowest} was there`);
}

function requireWatermark(manifest: PlainManifest, previous: PlainManifest | undefined): void {
  const watermark = msOf(manifest.watermark);
  if (manifest.rolledBackFrom !== undefined) return;
  const before = msOf(previous?.watermark ?? null);
  must(watermark >= before, 'the watermark never falls', () => `${manifest.watermark} after ${previous?.watermark}`);
  const held = Math.max(
    msOf(manifest.base?.watermark ?? null),
    ...manifest.coverage.partitions.map(({ time }) => msOf(time)),
  );
  must(
    watermark === Math.max(before, held),
    'the watermark is the newest partition held',
    () => `${manifest.watermark}, held up to ${iso(held)}`,
  );
}

/** Live documents are the model's, with nothing twice. */
function requireDocuments(world: World, live: readonly FoundRow[], claims: Claims, manifest: PlainManifest): string {
  const expected = expectedLive(world, claims);
  const found = new Map(live.map(({ id, stamp }) => [id, stamp]));
  must(found.size === live.length, 'an id is live once', () => live.map(({ id }) => id).join(' '));
  const spell = (rows: Iterable<readonly [string, number]>) =>
    [...rows]
      .map(([id, stamp]) => `${id}:${stamp}`)
      .sort()
      .join(' ');
  const [is, should] = [spell(found), spell([...expected].map(([id, { stamp }]) => [id, stamp] as const))];
  must(
    is === should,
    'live documents are the model’s',
    () => `generation ${manifest.generation}\n  is     ${is}\n  should ${should}`,
  );
  return is;
}

/** All live documents of a group come from one partition: its latest delivery. */
function requireWholeGroups(live: readonly FoundRow[], manifest: PlainManifest): void {
  const times = new Map<string, number>();
  for (const { stamp, partitionTime } of live) {
    const group = simObject(stamp >> 4).rows[stamp & 15]!.group!;
    const time = times.get(group) ?? partitionTime;
    must(time === partitionTime, 'no group is half new', () => `${group} in generation ${manifest.generation}`);
    times.set(group, time);
  }
}

/** What a delta holds was in the source while the attempt was under way: never an object that was gone before it looked. */
function requirePinned(world: World, { delta }: Claims, { attemptSince }: Created): void {
  const oldest = attemptSince - slack(world);
  for (const { key, etag } of delta.flatMap(({ objects }) => objects)) {
    const revision = world.source.revisions.get(key)?.find(({ info }) => info.etag === etag);
    must(revision !== undefined, 'an index holds what was in the source', () => `${key} ${etag}`);
    must(
      revision.until >= oldest,
      'no object that was gone before',
      () => `${key} ${etag}, gone ${iso(revision.until)}`,
    );
  }
}

/** A partition counts only when it has settled, a newer one is there, or its marker says so. */
function requireReady(world: World, { delta }: Claims, created: Created): void {
  const { settleMs, coarseTimes, marker } = world.plan.config;
  const [from, to] = [created.attemptSince - slack(world), created.at];
  const wasThere = (accept: (key: string, time: number) => boolean) =>
    [...world.source.revisions].some(([key, revisions]) => {
      const time = partitionTimeOf(key);
      if (time === undefined || !accept(key, time)) return false;
      return revisions.some(
        ({ since, until, info }) => since <= to && until >= from && (info.size > 0 || !isDataName(key)),
      );
    });
  for (const { time, objects } of delta) {
    const newest = Math.max(...objects.map(({ key, etag }) => revisionOf(world, key, etag).since));
    if (to - newest + (coarseTimes ? 1_000 : 0) >= settleMs) continue;
    const latest = to + MAX_FUTURE_SKEW_MS;
    if (wasThere((key, other) => isDataName(key) && other > time && other <= latest)) continue;
    if (marker && wasThere((key, other) => !isDataName(key) && other === time)) continue;
    must(false, 'no partition before it is ready', () => `${iso(time)} changed ${to - newest} ms before`);
  }
}

/** Whatever lies between the ends of a delta and is not in it, is told as a gap: policy, never silence. */
function requireToldGaps(world: World, manifest: PlainManifest, { attemptSince }: Created, isResumed: boolean): void {
  const { coverage } = manifest;
  // What a rollback leaves out, it holds; what is let in again, the next run reads.
  if (manifest.rolledBackFrom !== undefined || isResumed) return;
  if (coverage.gap || world.plan.config.coverage.mode === 'cumulative') return;
  const held = new Set(coverage.partitions.map(({ time }) => msOf(time)));
  const newest = Math.max(...held);
  for (const { time, since } of standingPartitions(world)) {
    const isWithin = time > msOf(coverage.from) && time < newest && since < attemptSince - slack(world);
    must(!isWithin || held.has(time), 'a gap is told', () => `${iso(time)} in generation ${manifest.generation}`);
  }
}

function revisionOf(world: World, key: string, etag: string) {
  return world.source.revisions.get(key)!.find(({ info }) => info.etag === etag)!;
}

/** How old a listing may have been. */
function slack({ plan }: World): number {
  return plan.incidents.some((incident) => incident.kind === 'calls' && incident.fault === 'staleListing')
    ? STALE_MS
    : 0;
}
