/** One way to send a request: counted, dated, retried, abortable; and the SDK's client behind it. */
import { setMaxListeners } from 'node:events';
import {
  type $Command,
  S3Client,
  type S3ClientConfig,
  type S3ClientResolvedConfig,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from '@aws-sdk/client-s3';
import type { Clock } from '../base/time.js';
import { type MutableCounters, newCounters, type RequestKind } from './counters.js';
import { type Backoff, newRetryBudget, type RetryBudget, withRetry } from './retry.js';
import { kindOf, s3Error } from './s3-errors.js';
import { parseS3Uri, requireEndpoint, type S3Address, wantsChecksums } from './s3-uri.js';
import type { StoreConfig } from './store.js';

/**
 * Ranges in flight at once per store. One S3 connection gives 50-90 MB/s, so 32 fill a 25 Gbit/s link; beyond that more
 * sockets only wait.
 */
const MAX_SOCKETS = 32;

/** A connection that is not made in this time goes to another address at the next attempt. */
const CONNECT_TIMEOUT_MS = 5_000;

/** Silence on a socket for this long is a dead one: S3 sends blanks while it completes an upload. */
const IDLE_TIMEOUT_MS = 30_000;

/** For servers of one's own, which take any region, when nothing else names one. */
const DEFAULT_REGION = 'us-east-1';

type S3Command<I extends ServiceInputTypes, O extends ServiceOutputTypes> = $Command<
  I,
  O,
  S3ClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes
>;

/** What every request needs. */
export interface S3Link {
  readonly client: S3Client;
  readonly address: S3Address;
  readonly clock: Clock;
  readonly counters: MutableCounters;
  readonly budget: RetryBudget;
}

/** What a request is, for counts and messages. */
export interface S3Request {
  readonly kind: RequestKind;
  /** Completes "the store failed to ..". */
  readonly doing: string;
  readonly key: string;
  readonly signal?: AbortSignal | undefined;
}

/** An answer and the store's clock when it gave it, ms since the epoch. */
export interface Dated<O> {
  readonly output: O;
  readonly date: number;
}

/** Makes the client of a store; sends nothing. `maxSockets` is for tests of leaks. */
export async function connectS3(config: StoreConfig, clock: Clock, maxSockets = MAX_SOCKETS): Promise<S3Link> {
  const address = parseS3Uri(config.uri);
  if (config.endpoint !== undefined) requireEndpoint(config.endpoint);
  const client = await makeClient(config, maxSockets);
  return { client, address, clock, counters: newCounters(), budget: newRetryBudget() };
}

async function makeClient(config: StoreConfig, maxSockets: number): Promise<S3Client> {
  const checksums = wantsChecksums(config) ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED';
  const agent = { keepAlive: true, maxSockets };
  const options: S3ClientConfig = {
    ...(config.endpoint === undefined ? {} : { endpoint: config.endpoint, forcePathStyle: true }),
    ...(config.region === undefined ? {} : { region: config.region }),
    requestChecksumCalculation: checksums,
    responseChecksumValidation: checksums,
    // The loop here also covers bodies that break off, which the SDK's own does not.
    maxAttempts: 1,
    // With it the SDK gives every larger upload a connection of its own, outside the agent.
    expectContinueHeader: false,
    requestHandler: {
      httpAgent: agent,
      httpsAgent: agent,
      connectionTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: IDLE_TIMEOUT_MS,
    },
  };
  const client = new S3Client(options);
  if (config.endpoint === undefined || config.region !== undefined) return client;
  const hasRegion = await client.config.region().then(
    () => true,
    () => false,
  );
  if (hasRegion) return client;
  client.destroy();
  return new S3Client({ ...options, region: DEFAULT_REGION });
}

/**
 * Sends a command made anew for every attempt and reads its answer with `take`, whose failures count as the attempt's. Gives
 * the SDK's own error, for callers to whom some failures are answers.
 */
export async function sendRaw<I extends ServiceInputTypes, O extends ServiceOutputTypes, T>(
  link: S3Link,
  request: S3Request,
  makeCommand: (attempt: number) => S3Command<I, O>,
  take: (answer: Dated<O>) => Promise<T>,
): Promise<T> {
  const { clock, counters, budget } = link;
  const { signal } = request;
  signal?.throwIfAborted();
  // One deadline stands behind many requests at once, each with a listener until it ends: not the leak that node warns of.
  if (signal !== undefined) setMaxListeners(0, signal);
  const onRetry = () => {
    counters.retries++;
  };
  return withRetry({ clock, budget, signal, backoffOf, onRetry }, async (attempt) => {
    counters[request.kind]++;
    const command = makeCommand(attempt);
    let date = clock.now();
    command.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        date = dateOf(result.response) ?? date;
        return result;
      },
      { step: 'deserialize', name: 'answerDate' },
    );
    const output = await link.client.send(command, signal === undefined ? {} : { abortSignal: signal });
    return take({ output, date });
  });
}

/** As `sendRaw`, with every failure as `TidemarkError`. */
export async function send<I extends ServiceInputTypes, O extends ServiceOutputTypes>(
  link: S3Link,
  request: S3Request,
  makeCommand: () => S3Command<I, O>,
): Promise<Dated<O>> {
  try {
    return await sendRaw(link, request, makeCommand, async (answer) => answer);
  } catch (error) {
    throw requestError(link, request, error);
  }
}

/** The failure of a request as its caller sees it: the reason of the abort, or a `TidemarkError`. */
export function requestError(link: S3Link, request: S3Request, error: unknown): unknown {
  if (request.signal?.aborted) return request.signal.reason;
  return s3Error(error, request.doing, { store: link.address.uri, object: request.key });
}

function backoffOf(error: unknown): Backoff {
  const kind = kindOf(error);
  if (kind === 'throttled') return 'long';
  return kind === 'transient' || kind === 'conflict' ? 'short' : undefined;
}

/** The `Date` header of an answer. */
function dateOf(response: unknown): number | undefined {
  const { headers } = response as { readonly headers?: Readonly<Record<string, string>> };
  const date = Date.parse(headers?.date ?? '');
  return Number.isNaN(date) ? undefined : date;
}
