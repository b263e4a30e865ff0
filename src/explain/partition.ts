/** `explain partition`: what became of a time slot, from the listing to the segment that holds it. */
import { readPartRecord } from '../coordinator/part-record.js';
import type { Manifest, SegmentEntry } from '../manifest/manifest.js';
import { partKey } from '../manifest/names.js';
import type { Explanation, Step } from './explanation.js';
import type { Explained } from './open.js';
import { ledgersOf } from './rejects.js';
import { placeOf, timeOf } from './rows.js';
import { assessSource, unreadObjects, whyNotRead } from './source-rows.js';

/** Rejected rows shown. */
const MAX_LISTED = 5;

export async function explainPartition(opened: Explained, time: number): Promise<Explanation> {
  const { manifest } = opened;
  const { base, coverage } = manifest;
  const covered = coverage.partitions.find((one) => one.time === time);
  const because: Step[] = [];
  let visible = false;
  if (covered !== undefined) {
    visible = true;
    because.push(...(await coveredSteps(opened, covered)));
  } else if (base !== null && time <= base.watermark) {
    visible = await isInBase(opened, time);
    because.push(baseStep(base.watermark, visible));
  } else because.push(...absentSteps(manifest, time));
  because.push(...(await rejectSteps(opened, time)), ...(await sourceSteps(opened, time, visible)));
  return { visible, because };
}

async function coveredSteps(
  { index, manifest }: Explained,
  { time, part, state }: Manifest['coverage']['partitions'][number],
) {
  const steps: Step[] = [];
  steps.push({
    step: 'covered',
    detail: `by generation ${manifest.generation}${state === 'late' ? ', read again after a late change' : ''}`,
  });
  const record = await readPartRecord(index, partKey(part));
  if (record === undefined) steps.push({ step: 'part', detail: `${partKey(part)}, whose record is gone` });
  else {
    const { segment, objects, tombstones, rejected, rows } = record;
    const counts = `${rows} rows: ${segment.docs} documents, ${tombstones} deletions, ${rejected} rejected`;
    steps.push({ step: 'part', detail: `${segment.key}, ${counts}` });
    for (const { key, size, etag } of objects)
      steps.push({ step: 'object', detail: `${key}, ${size} bytes, etag ${etag}` });
  }
  const holders = manifest.delta.segments.filter((entry) => holds(entry, time));
  steps.push({ step: 'segment', detail: holders.map(({ name }) => name).join(', ') });
  return steps;
}

const holds = ({ partitions }: SegmentEntry, time: number): boolean =>
  partitions.runs.some(([first, last]) => first <= time && time <= last);

/** A base names runs of times; its own table of sources tells which of them it holds. */
async function isInBase(opened: Explained, time: number): Promise<boolean> {
  const { segments } = await opened.snapshot();
  const bases = segments.slice(0, opened.manifest.base!.segments.length);
  for (const { reader } of bases) {
    if ((await reader.sources()).partitions.some((partition) => partition.time === time)) return true;
  }
  return false;
}

function baseStep(watermark: number, isIn: boolean): Step {
  const until = `its watermark is ${timeOf(watermark)}`;
  if (isIn) return { step: 'base', detail: `in the base: ${until}` };
  return { step: 'base', detail: `not in the base, and never read for a delta: ${until}; the next base takes it in` };
}

function absentSteps(manifest: Manifest, time: number): Step[] {
  const { coverage, watermark, held } = manifest;
  const within = ({ from, to }: { from: number | undefined; to: number }) =>
    (from === undefined || time > from) && time <= to;
  const steps: Step[] = [];
  const skipped = coverage.skipped.find((one) => one.time === time);
  if (skipped !== undefined) {
    const { reason, detail } = skipped;
    steps.push({
      step: reason,
      detail: `skipped by generation ${manifest.generation}${detail === undefined ? '' : `: ${detail}`}`,
    });
  }
  if (held.some(within)) steps.push({ step: 'held', detail: 'since a rollback, until resume' });
  if (coverage.gaps.some(within)) steps.push({ step: 'gap', detail: 'nothing that was read holds this time' });
  if (coverage.from !== undefined && time <= coverage.from) {
    steps.push({ step: 'not covered', detail: `the delta begins after ${timeOf(coverage.from)}` });
  } else if (watermark !== undefined && time > watermark) {
    steps.push({ step: 'not covered', detail: `it lies beyond the watermark, ${timeOf(watermark)}` });
  } else if (skipped === undefined) {
    steps.push({ step: 'not covered', detail: `generation ${manifest.generation} saw no such partition` });
  }
  return steps;
}

async function rejectSteps(opened: Explained, time: number): Promise<Step[]> {
  const ledgers = (await ledgersOf(opened)).filter(({ partition }) => Date.parse(partition) === time);
  return ledgers.flatMap(({ rejected, rows }) => [
    ...rows.slice(0, MAX_LISTED).map(({ object, rowGroup, row, reason }) => ({
      step: 'rejected',
      detail: `${placeOf({ version: undefined, partitionTime: time, objectKey: object, rowGroup, row })}: ${reason}`,
    })),
    ...(rejected > MAX_LISTED ? [{ step: 'rejected', detail: `and ${rejected - MAX_LISTED} more rows` }] : []),
  ]);
}

async function sourceSteps(opened: Explained, time: number, visible: boolean): Promise<Step[]> {
  if (opened.source === undefined) return [];
  const assessed = (await assessSource(opened)).find(({ partition }) => partition.time === time);
  const { base } = opened.manifest;
  if (base !== null && time <= base.watermark) return [];
  if (assessed === undefined) {
    return [
      {
        step: 'source',
        detail: visible ? 'it is gone from the source: the next run leaves it out' : 'there is no such partition',
      },
    ];
  }
  const { partition, readiness } = assessed;
  const steps: Step[] = [{ step: 'source', detail: `${partition.objects.length} objects under ${partition.prefix}` }];
  steps.push({
    step: 'ready',
    detail: readiness.ready ? `by rule: ${readiness.because}` : `${readiness.reason}: ${readiness.detail}`,
  });
  for (const { key, reason } of partition.ignored) steps.push({ step: 'ignored', detail: `${key}: ${reason}` });
  const unread = await unreadObjects(opened, partition);
  if (unread.length > 0) {
    const names = unread.map(({ key }) => key).join(', ');
    steps.push({ step: visible ? 'late' : 'not read', detail: `${names}: ${whyNotRead(opened, assessed)}` });
  }
  return steps;
}
