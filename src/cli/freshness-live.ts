/**
 * Freshness with real processes on real files: a feeder process lands partitions, a `tidemark run` process indexes them, and a reader
 * in this process, open all the while, tells when it could first answer from each.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { TidemarkError } from '../base/errors.js';
import { parseDuration } from '../config/units.js';
import { spreadOf } from '../freshness/summary.js';
import { analyze } from '../kernel/analyze.js';
import { newestGeneration } from '../manifest/newest.js';
import { type IndexReader, openIndex } from '../search/index-reader.js';
import { openStore } from '../store/open.js';
import type { Store } from '../store/store.js';
import type { FeedOrder, Landed } from './freshness-feeder.js';
import { freshnessYaml, generatePartitions } from './freshness-index.js';
import { CLI } from './freshness-measure.js';
import { formatLive, type LiveFacts } from './freshness-text.js';
import { type CommandContext, printJson } from './terminal.js';

export interface LiveFlags {
  readonly every: string;
  readonly settle: string;
  readonly docs: number;
  readonly seed: number;
  readonly json?: true;
}

/** Between two looks of the reader: what it adds to every figure, half of it on average. */
const LOOK_EVERY_MS = 10;
/** The feeder lands a partition every 5 s at most, in two objects. */
const LEAST_GAP_MS = 5_000;
/** On top of trigger and settle: what the goal allows for the run itself. */
const RUN_MS = 2_000;
/** After the feeder's end, the last partitions have this much longer than the bound. */
const GRACE_MS = 30_000;

export async function runLive(folder: string, forMs: number, flags: LiveFlags, context: CommandContext): Promise<void> {
  const { clock, terminal, signal } = context;
  const everyMs = parse(flags.every);
  const settleMs = parse(flags.settle);
  const uris = { data: join(folder, 'data'), source: join(folder, 'source'), index: join(folder, 'index') };
  for (const uri of Object.values(uris)) mkdirSync(uri);
  const data = await openStore({ uri: uris.data }, clock);
  const count = 2 * (Math.ceil(forMs / LEAST_GAP_MS) + 1);
  terminal.err(`generating ${count} objects of ${Math.ceil(flags.docs / 2)} documents`);
  await generatePartitions(data, { count, docs: Math.ceil(flags.docs / 2), seed: flags.seed, signal });
  data.close();
  writeFileSync(join(folder, 'tidemark.yaml'), freshnessYaml(uris.source, uris.index, flags.every, flags.settle));
  const index = await openStore({ uri: uris.index }, clock);
  const processes: ChildProcess[] = [];
  try {
    const daemon = startDaemon(folder);
    processes.push(daemon.process);
    terminal.err(`feeding for ${Math.round(forMs / 1_000)} s`);
    const feed = startFeeder({ data: uris.data, source: uris.source, count, seed: flags.seed, forMs });
    processes.push(feed.process);
    const boundMs = everyMs + settleMs + RUN_MS;
    const seen = await watch(index, feed, boundMs + GRACE_MS, context);
    const freshness = spreadOf(seen.map(({ landedAt, visibleAt }) => visibleAt - landedAt));
    const { every, settle, json } = flags;
    const facts: LiveFacts = { every, settle, landed: feed.landed.length, seen: seen.length, freshness, boundMs };
    if (json) printJson(terminal, facts);
    else terminal.out(formatLive(facts));
    for (const line of daemon.failures) terminal.err(line);
    if (seen.length === feed.landed.length) return;
    throw new TidemarkError('internal', `${feed.landed.length - seen.length} partitions were never seen`, {
      fix: 'the lines above are what the daemon says of failed runs',
    });
  } finally {
    await Promise.all(processes.map(end));
    index.close();
  }
}

function parse(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw new TidemarkError('usage', `'${text}' is no duration`, { fix: 'write for example 1s' });
}

interface Daemon {
  readonly process: ChildProcess;
  /** Lines of its log that tell of failed runs. */
  readonly failures: string[];
}

function startDaemon(folder: string): Daemon {
  const child = spawn(process.execPath, [CLI, 'run', '-c', join(folder, 'tidemark.yaml')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const failures: string[] = [];
  createInterface(child.stderr!).on('line', (line) => {
    if (line.includes('"level":"error"')) failures.push(line);
  });
  return { process: child, failures };
}

interface Feed {
  readonly process: ChildProcess;
  /** Grows while it lands. */
  readonly landed: Landed[];
  readonly ended: () => boolean;
}

function startFeeder(order: FeedOrder): Feed {
  const child = fork(new URL('./freshness-feeder.js', import.meta.url), [], { stdio: ['ignore', 2, 2, 'ipc'] });
  const landed: Landed[] = [];
  child.on('message', (partition: Landed) => landed.push(partition));
  child.send(order);
  return { process: child, landed, ended: () => child.exitCode !== null || child.signalCode !== null };
}

/** A partition of the feeder and when it was first seen, ms since the epoch. */
interface Sight extends Landed {
  readonly visibleAt: number;
}

/** Looks until all that landed was seen; a partition's first sight counts from the reader's having opened its generation. */
async function watch(
  index: Store,
  feed: Feed,
  patienceMs: number,
  { clock, signal }: CommandContext,
): Promise<Sight[]> {
  const visible = new Map<number, number>();
  let reader: IndexReader | undefined;
  let endedAt: number | undefined;
  for (;;) {
    const opened = await look(index, reader);
    if (opened !== undefined) {
      reader = opened;
      const now = clock.now();
      for (const { time } of reader.snapshot.manifest.coverage.partitions) {
        if (!visible.has(time)) visible.set(time, now);
      }
    }
    if (feed.ended()) {
      endedAt ??= clock.elapsed();
      const isAll = feed.landed.every(({ time }) => visible.has(time));
      if (isAll || clock.elapsed() - endedAt > patienceMs) break;
    }
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
  return feed.landed.flatMap(({ time, landedAt }) => {
    const visibleAt = visible.get(time);
    return visibleAt === undefined ? [] : [{ time, landedAt, visibleAt }];
  });
}

/** The reader where it has something new, opened or moved on. */
async function look(index: Store, reader: IndexReader | undefined): Promise<IndexReader | undefined> {
  if (reader !== undefined) return (await reader.refresh()) ? reader : undefined;
  return (await newestGeneration(index)) === undefined ? undefined : openIndex(index, { analyze });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}
