/** What must hold when faults have stopped: everything is in the index, and nothing more is written. */
import { analyze } from '#src/kernel/analyze.js';
import { openIndex } from '#src/search/index-reader.js';
import { msOf } from './checks.js';
import { WORDS } from './corpus.js';
import { type Claims, claimsOf, expectedLive, type StandingPartition, standingPartitions } from './model.js';
import { MAX_FUTURE_SKEW_MS, SLOT_MS } from './plan.js';
import { must } from './violation.js';
import type { PlainManifest, World } from './world.js';

const iso = (ms: number) => new Date(ms).toISOString().slice(11, 19);

/** Two ticks after the last fault: the newest partition is visible, and so is whatever coverage asks for. */
export async function requireWhole(world: World): Promise<void> {
  const manifest = world.newestManifest();
  must(manifest !== undefined, 'freshness is back', () => 'nothing was ever committed');
  const latest = world.scheduler.now + MAX_FUTURE_SKEW_MS;
  const standing = standingPartitions(world).filter(({ time, isBad }) => time <= latest && !isBad);
  const claims = claimsOf(world, manifest);
  const wanted = wantedPartitions(world, manifest, standing);
  if (wanted === undefined) return;
  const claimed = new Map(claims.delta.map(({ time, objects }) => [time, spell(objects)]));
  for (const { time, objects } of wanted) {
    const found = claimed.get(time);
    const check = time === standing.at(-1)!.time ? 'freshness is back' : 'nothing is lost';
    must(found !== undefined, check, () => `${iso(time)} is not in generation ${manifest.generation}`);
    must(found === spell(objects), check, () => `${iso(time)} holds ${found}, the source ${spell(objects)}`);
  }
  if (world.plan.config.coverage.mode !== 'cumulative') {
    const times = new Set(wanted.map(({ time }) => time));
    for (const { time } of claims.delta) must(times.has(time), 'nothing is held that is gone', () => iso(time));
  }
  await requireAnswers(world, claims);
}

const spell = (objects: readonly { readonly key: string; readonly etag: string }[]): string =>
  objects.map(({ key, etag }) => `${key.slice(key.lastIndexOf('/') + 1)}=${etag}`).join(',');

/** The partitions that a delta must hold by the rules of coverage; undefined where the policy is to wait. */
function wantedPartitions(
  world: World,
  manifest: PlainManifest,
  standing: readonly StandingPartition[],
): readonly StandingPartition[] | undefined {
  const { coverage } = world.plan.config;
  const base = manifest.base === null ? undefined : msOf(manifest.base.watermark);
  const beyond = standing.filter(({ time }) => base === undefined || time > base);
  const latest = beyond.at(-1)?.time;
  if (latest === undefined || coverage.mode === 'disjoint') return beyond;
  if (coverage.mode === 'windowed') {
    if (base === undefined || latest - coverage.spanMs <= base || coverage.onGap === 'widen') return beyond;
    return coverage.onGap === 'refuse' ? undefined : beyond.filter(({ time }) => time > latest - coverage.spanMs);
  }
  const read = new Set(manifest.coverage.partitions.map(({ time }) => msOf(time)));
  const holds = ({ time }: StandingPartition, slot: number) => time - coverage.spanMs < slot && slot <= time;
  let isHole = false;
  for (let slot = (base ?? beyond[0]!.time) + SLOT_MS; slot <= latest; slot += SLOT_MS) {
    const holders = beyond.filter((partition) => holds(partition, slot));
    if (holders.length === 0) isHole = true;
    else if (!holders.some(({ time }) => read.has(time))) {
      if (coverage.onGap === 'refuse' && isHole) return undefined;
      must(false, 'nothing is lost', () => `changes of ${iso(slot)} are in no partition that was read`);
    }
  }
  return isHole && coverage.onGap === 'refuse'
    ? undefined
    : beyond.filter(({ time }) => read.has(time) || time === latest);
}

/** Search finds just the live documents. */
async function requireAnswers(world: World, claims: Claims): Promise<void> {
  const live = [...expectedLive(world, claims).values()];
  const reader = await openIndex(world.index.store, { analyze });
  for (const word of WORDS) {
    const should = live.filter(({ body }) => body.split(' ').includes(word)).length;
    const is = await reader.count(`body:${word}`);
    must(is === should, 'search finds the live documents', () => `${word}: ${is} of ${should}`);
  }
}
