/** What wakes a daemon early and what tells of it: hints from watched folders and from its HTTP server. */
import { readFile } from 'node:fs/promises';
import { TidemarkError } from '../base/errors.js';
import type { Clock } from '../base/time.js';
import type { Config, ServeConfig } from '../config/config.js';
import { Hints } from '../daemon/hints.js';
import type { DaemonIndex } from '../daemon/loop.js';
import type { Tally } from '../daemon/tally.js';
import { isLoopback } from '../serve/access.js';
import type { DaemonView, IndexView } from '../serve/daemon-view.js';
import { type Server, startServer } from '../serve/server.js';
import { type FolderWatch, watchNewest } from '../store/file-watch.js';
import type { Log } from '../telemetry/log.js';
import type { IndexSession } from './session.js';

/** Least time between two runs of which a hint starts one; half a tick where ticks are closer. */
const MAX_GAP_MS = 1_000;
/** Ticks without a good run until an index counts as stale. */
const STALE_TICKS = 3;

/** Gives every index something that may wake it: a run is worth it once what was hinted at has settled. */
export function withHints(indexes: readonly IndexSession[], { trigger }: Config): readonly DaemonIndex[] {
  return indexes.map((index) => {
    const { settleMs, marker } = index.settings.source.ready;
    // A marker makes a partition ready at once.
    return {
      ...index,
      hints: new Hints(marker === undefined ? settleMs : 0, Math.min(MAX_GAP_MS, trigger.everyMs / 2)),
    };
  });
}

/** Watches the sources that are folders of this machine. */
function watchSources(indexes: readonly DaemonIndex[], { trigger }: Config, clock: Clock): FolderWatch[] {
  if (trigger.watch === 'never') return [];
  return indexes.flatMap(({ hints, settings }) => {
    const { uri } = settings.source.store;
    if (uri.startsWith('s3:') || hints === undefined) return [];
    const depth = settings.source.partition.levels.length;
    return [watchNewest(uri, depth, () => hints.note(clock.elapsed()), clock)];
  });
}

interface ServedDaemon {
  readonly indexes: readonly DaemonIndex[];
  readonly tallies: ReadonlyMap<string, Tally>;
  readonly config: Config;
  readonly drain: AbortSignal;
}

/** All that reaches the daemon from outside while it runs. */
interface Doors {
  close(): Promise<void>;
}

/** Starts the server and the watches that the configuration asks for. */
export async function openDoors(daemon: ServedDaemon, clock: Clock, log: Log): Promise<Doors> {
  const server = await serveDaemon(daemon, clock, log);
  const watches = watchSources(daemon.indexes, daemon.config, clock);
  return {
    close: async () => {
      for (const watch of watches) watch.close();
      await server?.close();
    },
  };
}

/** Starts the server that the configuration asks for; undefined for none. */
async function serveDaemon(daemon: ServedDaemon, clock: Clock, log: Log): Promise<Server | undefined> {
  const { serve } = daemon.config;
  if (serve === 'never') return undefined;
  const token = await readToken(serve);
  return startServer({ ...serve.listen, token, view: viewOf(daemon, clock), clock, log });
}

function viewOf({ indexes, tallies, config, drain }: ServedDaemon, clock: Clock): DaemonView {
  const { everyMs, deadlineMs } = config.trigger;
  return {
    staleMs: STALE_TICKS * everyMs + deadlineMs,
    get isDraining() {
      return drain.aborted;
    },
    get indexes() {
      return indexes.map((index) => indexView(index, tallies.get(index.name), clock));
    },
    wake: (name) => {
      const woken = indexes.filter((index) => name === undefined || index.name === name);
      for (const { hints } of woken) hints?.note(clock.elapsed());
      return woken.map((index) => index.name);
    },
  };
}

function indexView({ name, deps }: DaemonIndex, tally: Tally | undefined, clock: Clock): IndexView {
  const { ticks, hinted, skipped } = tally?.values ?? { ticks: 0, hinted: 0, skipped: {} };
  const status = tally?.status;
  const { report, goodMs } = status ?? {};
  return {
    ...{ name, ticks, hinted, skipped },
    outcomes: status?.outcomes ?? {},
    sinceGoodMs: goodMs === undefined ? undefined : clock.elapsed() - goodMs,
    generation: report?.generation,
    watermark: report === undefined || report.watermark === null ? undefined : Date.parse(report.watermark),
    freshnessMs: status?.lastFreshnessMs,
    live: report?.live,
    isFenced: status?.isFenced ?? false,
    stores: { source: deps.source.counters, index: deps.index.counters },
  };
}

/** Fails with code `config` where the server could be reached by others and nobody said that it may. */
async function readToken({ listen, token, open }: ServeConfig): Promise<string | undefined> {
  if (token === undefined) {
    if (open || isLoopback(listen.host)) return undefined;
    throw new TidemarkError(
      'config',
      `serve.listen is ${listen.host}, which other machines can reach, and there is no token`,
      {
        fix: 'set serve.token to {env: NAME} or {file: PATH}, listen on 127.0.0.1, or set serve.open to true',
      },
    );
  }
  const text = 'env' in token ? process.env[token.env] : await readTokenFile(token.file);
  if (text !== undefined && text.trim() !== '') return text.trim();
  const place = 'env' in token ? `the variable ${token.env}` : `the file ${token.file}`;
  throw new TidemarkError('config', `serve.token: ${place} holds no token`, {
    fix: 'put the token there, or name another place',
  });
}

async function readTokenFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const fix = 'name a file that can be read';
    throw new TidemarkError('config', `serve.token: the file ${path} cannot be read: ${(cause as Error).message}`, {
      fix,
      cause,
    });
  }
}
