/** One line a tick for whoever watches: how fresh the index is, and if not, what it waits for. */
import type { RunReport } from '../coordinator/report.js';

type Told = Pick<RunReport, 'watermark' | 'skipped' | 'future'>;

/** Of a run that found nothing new: `nothing new: fresh up to 2026-05-04T01:05Z; 01:10 waits: ..`. */
export function idleWords(report: Told): string {
  const fresh = report.watermark === null ? 'nothing committed yet' : `fresh up to ${short(report.watermark)}`;
  return ['nothing new', [fresh, ...waitingWords(report)].join('; ')].join(': ');
}

/** Of a run that committed: `generation 12 committed: fresh up to .. , 1.2 s after its last object landed`. */
export function committedWords(report: Told & Pick<RunReport, 'generation' | 'freshnessMs'>): string {
  const { generation, watermark, freshnessMs } = report;
  const after = freshnessMs === null ? '' : `, ${(freshnessMs / 1_000).toFixed(1)} s after its last object landed`;
  const fresh = watermark === null ? 'empty' : `fresh up to ${short(watermark)}${after}`;
  return `generation ${generation} committed: ${[fresh, ...waitingWords(report)].join('; ')}`;
}

/** What is there and not in the index, a clause each; of many alike the newest speaks for all. */
function waitingWords({ watermark, skipped, future }: Told): string[] {
  const words: string[] = [];
  const isNewer = ({ time }: { time: string }) => watermark === null || time > watermark;
  const unready = skipped.filter(({ reason }) => reason === 'not-ready').filter(isNewer);
  const empty = unready.filter(({ detail }) => detail?.startsWith(EMPTY) === true);
  words.push(
    ...clause(
      unready.filter((partition) => !empty.includes(partition)),
      'waits',
      'wait',
    ),
  );
  words.push(...clause(empty, 'holds no data', 'hold no data', false));
  words.push(...clause(ofReason(skipped, 'quarantined'), 'is passed over', 'are passed over'));
  words.push(...clause(ofReason(skipped, 'held'), 'is held back', 'are held back'));
  const ahead = [...ofReason(skipped, 'future'), ...future];
  words.push(...clause(ahead, 'lies in the future and is left alone', 'lie in the future and are left alone', false));
  return words;
}

/** How the rule says that a partition is without data: `too-few-objects` of none. */
const EMPTY = 'it holds 0 objects';

interface Waiting {
  readonly time: string;
  readonly detail?: string | undefined;
}

const ofReason = (skipped: Told['skipped'], reason: string) =>
  skipped.filter((partition) => partition.reason === reason);

function clause(partitions: readonly Waiting[], one: string, many: string, withDetail = true): string[] {
  const newest = partitions.reduce<Waiting | undefined>(
    (latest, partition) => (latest === undefined || partition.time > latest.time ? partition : latest),
    undefined,
  );
  if (newest === undefined) return [];
  const detail = withDetail && newest.detail !== undefined ? `: ${newest.detail}` : '';
  const count = new Set(partitions.map(({ time }) => time)).size;
  if (count === 1) return [`${short(newest.time)} ${one}${detail}`];
  return [`${count.toLocaleString('en-US')} partitions ${many}, the newest ${short(newest.time)}${detail}`];
}

/** `2026-05-04T01:05:00.000Z` -> `2026-05-04T01:05Z`, seconds only where there are some. */
function short(iso: string): string {
  return iso.replace(/(:00)?\.000Z$/, 'Z');
}
