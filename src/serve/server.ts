/**
 * The daemon's HTTP server: wake-up hints, health, metrics. It may ask and hint, never decide: the daemon works the same
 * where nobody can reach it. Further pages are added as plugins of their own, behind the same access rule.
 */
import Fastify, { type FastifyInstance } from 'fastify';
import { type Clock, toIso } from '../base/time.js';
import type { Log } from '../telemetry/log.js';
import { isLoopback, refusal } from './access.js';
import type { DaemonView } from './daemon-view.js';
import { daemonMetrics } from './metrics.js';
import { readinessOf } from './readiness.js';

export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  readonly token: string | undefined;
  readonly view: DaemonView;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Server {
  /** Where it listens, once it does. */
  readonly address: () => string | undefined;
  /** Answers what was asked and closes; idle connections are cut. */
  close(): Promise<void>;
}

/** A bucket's notification is a few KB of JSON; nothing in it is believed. */
const MAX_BODY_BYTES = 256 * 1024;
/** A port may be held for a moment by the process before this one. */
const BIND_AGAIN_MS = 100;
/** Asked by service managers, which hold no token. */
const OPEN_PATHS = new Set(['/healthz', '/readyz']);

/**
 * Begins to listen as soon as the address is free. Nobody waits for it: a daemon is of use without a server, and its first tick may be
 * due while the process before it lets go of the port.
 */
export function startServer(options: ServerOptions): Server {
  const over = new AbortController();
  let app: FastifyInstance | undefined;
  const listening = listen(options, over.signal).then((bound) => {
    app = bound;
  });
  return {
    address: () => app?.listeningOrigin,
    close: async () => {
      over.abort();
      await listening;
      await app?.close();
    },
  };
}

async function listen(options: ServerOptions, signal: AbortSignal): Promise<FastifyInstance | undefined> {
  const { host, port, log, clock } = options;
  for (let tries = 0; !signal.aborted; tries++) {
    const app = createApp(options);
    try {
      await app.listen({ host, port });
      log.info({ event: 'listening', address: app.listeningOrigin }, 'server listens');
      if (!signal.aborted) return app;
    } catch (error) {
      if (tries === 0)
        log.warn({ event: 'not-listening', host, port }, `cannot listen, tried again: ${(error as Error).message}`);
    }
    await app.close();
    await clock.sleep(BIND_AGAIN_MS, signal).catch(() => undefined);
  }
  return undefined;
}

/** The server's routes, not listening yet. */
export function createApp({ host, token, view, clock }: ServerOptions): FastifyInstance {
  const app = Fastify({ bodyLimit: MAX_BODY_BYTES, forceCloseConnections: 'idle', requestTimeout: 10_000 });
  const rule = { token, isLocal: isLoopback(host) };
  app.addHook('onRequest', async (request, reply) => {
    if (OPEN_PATHS.has(request.routeOptions.url ?? '')) return undefined;
    const status = refusal(rule, request.headers);
    if (status === undefined) return undefined;
    if (status === 401) reply.header('www-authenticate', 'Bearer');
    return reply
      .code(status)
      .send({ error: status === 401 ? 'a bearer token is needed' : 'this server answers to its own machine only' });
  });
  // Notifications come as JSON, as a form, as plain text: what they say is not looked at.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, done) => done(null, undefined));
  addHealth(app, view, clock);
  app.post<{ Querystring: { index?: string } }>('/wake', async (request, reply) => {
    const woken = view.wake(request.query.index);
    if (woken.length === 0) return reply.code(404).send({ error: `there is no index ${request.query.index}` });
    return reply.code(202).send({ woken });
  });
  const metrics = daemonMetrics(view, clock);
  app.get('/metrics', async (_request, reply) => {
    reply.type(metrics.contentType);
    return metrics.metrics();
  });
  return app;
}

function addHealth(app: FastifyInstance, view: DaemonView, clock: Clock): void {
  app.get('/healthz', async () => ({ status: 'ok', time: toIso(clock.now()) }));
  app.get('/readyz', async (_request, reply) => {
    const { ready, reasons } = readinessOf(view);
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', reasons });
  });
}
