/** Measures candidates, each in a process of its own that is kept warm; what they build is held against each other. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromPlainError, type PlainError, TidemarkError } from '../base/errors.js';
import type { Clock } from '../base/time.js';
import { openStore } from '../store/open.js';
import { type Candidate, candidateKey } from '../tune/candidate.js';
import { contentDigest } from '../tune/content-digest.js';
import type { Measurement, Rig } from '../tune/measurement.js';
import type { ConfigFlags } from './build-flags.js';

/** What a candidate's process is told to do; `open` comes first and once. */
export type RigOrder =
  | { readonly kind: 'open'; readonly flags: ConfigFlags; readonly candidate: Candidate; readonly scratch: string }
  | { readonly kind: 'build'; readonly partition: number };

export interface RigRequest {
  readonly id: number;
  readonly order: RigOrder;
}

export interface RigAnswer {
  readonly id: number;
  readonly measurement?: Measurement | undefined;
  readonly error?: PlainError;
}

/** Builds until a process is warm: at least two, and until that much time went into them, since small ones take many to be compiled well. */
const WARM_UP = { builds: 2, ms: 500, mostBuilds: 10 } as const;

interface Warm {
  readonly process: RigProcess;
  readonly scratch: string;
  readonly partitions: Set<number>;
}

export class ProcessRig implements Rig {
  private readonly processes = new Map<string, Warm>();
  /** What each partition holds, by the first candidate that built it. */
  private readonly digests = new Map<number, string>();
  private count = 0;

  constructor(
    private readonly flags: ConfigFlags,
    /** An empty folder. */
    private readonly scratch: string,
    private readonly clock: Clock,
    private readonly signal: AbortSignal,
  ) {}

  async measure(candidate: Candidate, partition: number): Promise<Measurement> {
    const warm = await this.open(candidate);
    if (!warm.partitions.has(partition)) {
      await this.warmUp(warm, partition);
      await this.verify(warm, candidate, partition);
      warm.partitions.add(partition);
    }
    return warm.process.build(partition);
  }

  async release(candidate: Candidate): Promise<void> {
    const key = candidateKey(candidate);
    const warm = this.processes.get(key);
    this.processes.delete(key);
    await warm?.process.end();
  }

  async close(): Promise<void> {
    const all = [...this.processes.values()];
    this.processes.clear();
    await Promise.all(all.map(({ process }) => process.end()));
  }

  private async open(candidate: Candidate): Promise<Warm> {
    this.signal.throwIfAborted();
    const known = this.processes.get(candidateKey(candidate));
    if (known !== undefined) return known;
    const scratch = join(this.scratch, `${this.count++}`);
    const process = new RigProcess(this.signal);
    const warm = { process, scratch, partitions: new Set<number>() };
    this.processes.set(candidateKey(candidate), warm);
    await process.ask({ kind: 'open', flags: this.flags, candidate, scratch });
    return warm;
  }

  private async warmUp({ process }: Warm, partition: number): Promise<void> {
    const started = this.clock.elapsed();
    for (let builds = 0; builds < WARM_UP.mostBuilds; builds++) {
      if (builds >= WARM_UP.builds && this.clock.elapsed() - started >= WARM_UP.ms) return;
      await process.build(partition);
    }
  }

  /** Fails with code `internal` where a candidate's segment holds anything else than that of the first one. */
  private async verify({ scratch }: Warm, candidate: Candidate, partition: number): Promise<void> {
    const index = await openStore({ uri: join(scratch, 'index') }, this.clock);
    const digest = await contentDigest(index);
    index.close();
    const expected = this.digests.get(partition) ?? digest;
    this.digests.set(partition, expected);
    if (digest === expected) return;
    throw new TidemarkError('internal', 'two settings of the build gave segments that hold different documents', {
      where: { candidate: candidateKey(candidate), partition: new Date(partition).toISOString() },
      fix: 'this is a defect: report it with the partition',
    });
  }
}

/** One forked process: one order at a time. */
class RigProcess {
  private readonly child: ChildProcess;
  private readonly waiting = new Map<
    number,
    { resolve: (answer: RigAnswer) => void; reject: (error: unknown) => void }
  >();
  private readonly exited: Promise<void>;
  private next = 0;

  constructor(signal: AbortSignal) {
    // What a process may print is no result: it goes to standard error.
    this.child = fork(fileURLToPath(new URL('./tune-process.js', import.meta.url)), [], {
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    const kill = () => this.child.kill('SIGKILL');
    signal.addEventListener('abort', kill, { once: true });
    this.child.on('message', (answer: RigAnswer) => {
      this.waiting.get(answer.id)?.resolve(answer);
      this.waiting.delete(answer.id);
    });
    this.exited = new Promise((resolve) => {
      this.child.once('exit', (code, name) => {
        signal.removeEventListener('abort', kill);
        for (const { reject } of this.waiting.values()) reject(endedError(code, name, signal));
        this.waiting.clear();
        resolve();
      });
    });
  }

  async build(partition: number): Promise<Measurement> {
    const { measurement } = await this.ask({ kind: 'build', partition });
    return measurement!;
  }

  async ask(order: RigOrder): Promise<RigAnswer> {
    const id = this.next++;
    const answer = await new Promise<RigAnswer>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.child.send({ id, order } satisfies RigRequest, (error) => error && reject(error));
    });
    if (answer.error !== undefined) throw fromPlainError(answer.error);
    return answer;
  }

  /** Ends it; resolves when it is gone. */
  async end(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
    await this.exited;
  }
}

function endedError(code: number | null, name: NodeJS.Signals | null, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  return new TidemarkError('worker', `a process that measured a candidate ended: ${name ?? `exit code ${code}`}`, {
    fix: 'most often memory ran out: give the machine more, or tune on a smaller partition with --until',
  });
}
