/**
 * A process's connection to a bucket: what `store/s3.ts` is to S3, over a simulated network. Requests take time to arrive and
 * answers to come back; each may be lost, refused or late. What is tried again, and how failures are told, is the real store's
 * own code.
 */
import { type Backoff, newRetryBudget, withRetry } from '#src/store/retry.js';
import { kindOf, s3Error } from '#src/store/s3-errors.js';
import type { ListOptions, ListPage, ObjectInfo, ObjectWriter, ReadOptions, Store } from '#src/store/store.js';
import type { Bucket } from './bucket.js';
import type { CallFault } from './faults.js';
import type { SimProcess } from './process.js';
import type { World } from './world.js';

type Operation = 'head' | 'read' | 'list' | 'put' | 'create' | 'delete';

interface Request<T> {
  readonly operation: Operation;
  readonly key: string;
  readonly signal: AbortSignal | undefined;
  /** What it does at the store; the answer. */
  readonly effect: () => Promise<T>;
}

const reset = () => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
const refusal = (name: string, httpStatusCode: number) =>
  Object.assign(new Error('simulated'), { name, $metadata: { httpStatusCode } });

export class SimStore implements Store {
  readonly uri: string;
  readonly #budget = newRetryBudget();

  constructor(
    private readonly world: World,
    private readonly process: SimProcess,
    private readonly bucket: Bucket,
    private readonly isSource: boolean,
  ) {
    this.uri = bucket.store.uri;
  }

  stat(key: string, signal?: AbortSignal): Promise<ObjectInfo | undefined> {
    return this.#send({ operation: 'head', key, signal, effect: () => this.bucket.store.stat(key) });
  }

  async read(key: string, options: ReadOptions = {}): Promise<Uint8Array> {
    const { signal, ...range } = options;
    const effect = async () => {
      if (this.isSource) await this.world.beforeSourceRead(key);
      return this.bucket.store.read(key, range);
    };
    const bytes = await this.#send({ operation: 'read', key, signal, effect });
    if (!this.isSource) this.world.noteRead(this.process, key, bytes);
    return bytes;
  }

  list({ signal, ...options }: ListOptions): Promise<ListPage> {
    const effect = () => this.world.listAs(this.process, this.bucket, this.isSource, options);
    return this.#send({ operation: 'list', key: options.prefix, signal, effect });
  }

  put(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<ObjectInfo> {
    const copy = bytes.slice();
    return this.#send({ operation: 'put', key, signal, effect: () => this.bucket.put(key, copy, this.process) });
  }

  async putIfAbsent(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<'created' | 'exists'> {
    const copy = bytes.slice();
    const effect = () => this.bucket.putIfAbsent(key, copy, this.process);
    const answer = await this.#send({ operation: 'create', key, signal, effect });
    if (answer === 'exists') this.world.noteTaken(this.bucket, key, copy);
    return answer;
  }

  delete(key: string, signal?: AbortSignal): Promise<void> {
    return this.#send({ operation: 'delete', key, signal, effect: () => this.bucket.delete(key, this.process) });
  }

  async createWriter(key: string, signal?: AbortSignal): Promise<ObjectWriter> {
    const chunks: Uint8Array[] = [];
    return {
      write: async (chunk) => {
        chunks.push(chunk.slice());
      },
      close: () => this.put(key, Buffer.concat(chunks), signal),
      abort: async () => {
        chunks.length = 0;
      },
    };
  }

  close(): void {}

  async #send<T>(request: Request<T>): Promise<T> {
    const { signal, key, operation } = request;
    signal?.throwIfAborted();
    const options = { clock: this.process.clock, budget: this.#budget, signal, backoffOf, onRetry: () => undefined };
    try {
      return await withRetry(options, () => this.#attempt(request));
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw s3Error(error, operation, { store: this.uri, object: key });
    }
  }

  /** One way there and back. */
  #attempt<T>({ operation, key, effect }: Request<T>): Promise<T> {
    const { world, process } = this;
    const { scheduler } = world;
    const snare = process.meetSnares();
    const draw = (fault: CallFault) => world.draws(fault);
    const arrives = scheduler.now + world.delay(draw('slow'));
    const isLost = draw('lostRequest');
    const refused = world.isAway ? reset() : refusalOf(operation, draw);
    const answerIsLost = world.losesAnswer(operation) || (operation === 'read' && draw('cutAnswer'));
    return new Promise((resolve, reject) => {
      const answer = (settle: () => void) => process.deliver(scheduler.now + world.delay(false), settle);
      const arrive = () => {
        if (isLost || refused !== undefined) return answer(() => reject(isLost ? reset() : refused));
        effect().then(
          (value) => {
            if (snare?.kind === 'crash' && snare.side === 'after') world.crash(process, 'crashAfter');
            answer(answerIsLost ? () => reject(reset()) : () => resolve(value));
          },
          (error: unknown) => answer(() => reject(error)),
        );
      };
      if (snare?.kind === 'pause') world.pause(process, snare.ms);
      if (snare?.kind === 'crash' && snare.side !== 'after') {
        world.crash(process, snare.side === 'zombie' ? 'zombieWrite' : 'crashBefore');
        if (snare.side === 'before') return;
      }
      scheduler.at(arrives, arrive);
      world.trace(() => `${process.name} ${operation} ${key}`);
    });
  }
}

function refusalOf(operation: Operation, draw: (fault: 'error500' | 'throttled503' | 'conflict409') => boolean) {
  if (draw('error500')) return refusal('InternalError', 500);
  if (draw('throttled503')) return refusal('SlowDown', 503);
  if (operation === 'create' && draw('conflict409')) return refusal('ConditionalRequestConflict', 409);
  return undefined;
}

/** As the S3 store decides it. */
function backoffOf(error: unknown): Backoff {
  const kind = kindOf(error);
  if (kind === 'throttled') return 'long';
  return kind === 'transient' || kind === 'conflict' ? 'short' : undefined;
}
