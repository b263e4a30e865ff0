/**
 * A generation made again from what its records pin, in a scratch index, and held against what was committed: every segment and every
 * kill bitmap, byte for byte by SHA-256.
 */
import { mergeParts } from '../coordinator/merge-delta.js';
import { openIndexSegment } from '../coordinator/open-segments.js';
import type { PartRecord } from '../coordinator/part-record.js';
import { sealKills } from '../coordinator/seal-kills.js';
import type { Manifest, SegmentEntry } from '../manifest/manifest.js';
import type { SegmentReader } from '../segment/reader.js';
import type { ReplayContext } from './context.js';
import { type Finding, unreadable } from './findings.js';
import { replayPart } from './replay-part.js';

export interface ReplayReport {
  /** Everything was made again, to the same bytes. */
  readonly ok: boolean;
  readonly generation: number;
  /** Parts built anew. */
  readonly parts: number;
  readonly findings: readonly Finding[];
}

/** `baseToo`: a base is made again as well; else it is taken as it was committed. */
export async function replay(context: ReplayContext, manifest: Manifest, baseToo: boolean): Promise<ReplayReport> {
  const run = new Replay(context);
  const opened: { readonly entry: SegmentEntry; readonly reader: SegmentReader }[] = [];
  const segments = [
    ...(manifest.base?.segments ?? []).map((entry) => ({ entry, anew: baseToo })),
    ...manifest.delta.segments.map((entry) => ({ entry, anew: true })),
  ];
  for (const { entry, anew } of segments) {
    const made = anew ? await run.segment(entry.name, entry.sha256) : undefined;
    if (!anew) run.findings.push({ object: entry.name, verdict: 'taken', detail: 'of the base, as it was committed' });
    // Kills are resolved over all segments: one that could not be made again is read as it was committed.
    const store = made === undefined ? context.committed : context.run.index;
    const name = made?.segment.key ?? entry.name;
    const bytes = made?.segment.bytes ?? entry.bytes;
    try {
      opened.push({ entry, reader: (await openIndexSegment({ index: store }, { name, bytes })).reader });
    } catch (error) {
      run.findings.push(unreadable(entry.name, error));
    }
  }
  if (opened.length === segments.length) await compareKills(context, manifest, opened, run.findings);
  const { generation } = manifest;
  const ok = run.findings.every(({ verdict }) => verdict === 'same' || verdict === 'taken');
  return { ok, generation, parts: run.built.size, findings: run.findings };
}

class Replay {
  readonly findings: Finding[] = [];
  readonly built = new Map<string, PartRecord>();

  constructor(private readonly context: ReplayContext) {}

  /** Makes a segment again, its parts first; undefined where something it needs is gone. */
  async segment(name: string, sha256: string): Promise<PartRecord | undefined> {
    const { context, findings } = this;
    const record = await context.recordOf(name);
    if (record === undefined) {
      findings.push({
        object: name,
        verdict: 'missing',
        detail: 'its record is gone, so what it was made from is unknown',
      });
      return undefined;
    }
    const made = record.parts.length === 0 ? await this.part(record) : await this.merged(record);
    if (made === undefined) return undefined;
    findings.push(compared(name, made.segment.key, sha256, made.segment.sha256));
    return made;
  }

  async merged({ segment, parts }: PartRecord): Promise<PartRecord | undefined> {
    const records: PartRecord[] = [];
    const lacking: string[] = [];
    // All of them, though one is enough to fail: what is gone is told whole.
    for (const name of parts) {
      const record = await this.context.recordOf(name);
      const part = record === undefined ? undefined : await this.segment(name, record.segment.sha256);
      if (part === undefined) lacking.push(name);
      else records.push(part);
    }
    if (lacking.length === 0) return mergeParts(this.context.run, records);
    const detail = `merged from parts that cannot be made again: ${lacking.join(', ')}`;
    this.findings.push({ object: segment.key, verdict: 'missing', detail });
    return undefined;
  }

  async part(record: PartRecord): Promise<PartRecord | undefined> {
    const known = this.built.get(record.segment.key);
    if (known !== undefined) return known;
    const part = await replayPart(this.context, record);
    if ('finding' in part) {
      this.findings.push(part.finding);
      return undefined;
    }
    this.built.set(record.segment.key, part.record);
    return part.record;
  }
}

function compared(name: string, madeName: string, committed: string, made: string): Finding {
  if (name !== madeName) {
    const detail = `it is named ${madeName} now: the configuration or the release is not the one it was built with`;
    return { object: name, verdict: 'different', detail };
  }
  if (committed !== made) {
    return { object: name, verdict: 'different', detail: `SHA-256 ${made}, committed was ${committed}` };
  }
  return { object: name, verdict: 'same', detail: made };
}

async function compareKills(
  { run }: ReplayContext,
  manifest: Manifest,
  opened: readonly { readonly entry: SegmentEntry; readonly reader: SegmentReader }[],
  findings: Finding[],
): Promise<void> {
  const renamed = opened.some(({ entry, reader }) => reader.name !== entry.name);
  // Bitmaps are bound to segments: over others there is nothing to compare.
  if (renamed) return;
  const { kills } = await sealKills(
    run,
    undefined,
    opened.map(({ entry }) => entry),
    {
      readers: opened.map(({ reader }) => reader),
      baseNames: (manifest.base?.segments ?? []).map(({ name }) => name),
      covered: manifest.coverage.partitions,
    },
  );
  for (const { entry } of opened) {
    const committed = manifest.kills[entry.name];
    const made = kills[entry.name];
    if (committed === undefined && made === undefined) continue;
    const object = committed?.object ?? made!.object;
    if (committed?.sha256 === made?.sha256) findings.push({ object, verdict: 'same', detail: committed!.sha256 });
    else {
      const tell = (kill: typeof made) =>
        kill === undefined ? 'none' : `${kill.count} documents, SHA-256 ${kill.sha256}`;
      findings.push({ object, verdict: 'different', detail: `kills ${tell(made)}; committed was ${tell(committed)}` });
    }
  }
}
