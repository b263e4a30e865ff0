/** A daemon as a child process: messages, signals, its end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { CHILD_VARIABLE, type FromDaemon, type FromWatchdog, isFromDaemon } from './supervision.js';

export interface ChildEnd {
  readonly code: number | null;
  /** The signal that ended it. */
  readonly signal: string | null;
}

export interface ChildCommand {
  readonly file: string;
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether it is a daemon of ours, which sends heartbeats and waits for the word to begin; others are judged by their exit alone. */
  readonly speaks: boolean;
}

export class Child {
  readonly ended: Promise<ChildEnd>;
  #end: ChildEnd | undefined;
  readonly #spawned: ChildProcess;

  constructor({ file, words, environment }: ChildCommand, hear: (message: FromDaemon) => void) {
    this.#spawned = spawn(file, words, {
      // A process group of its own: an interrupt typed at the terminal comes to the watchdog, which passes it on once.
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...environment, [CHILD_VARIABLE]: '1' },
    });
    this.#spawned.on('message', (message) => {
      if (isFromDaemon(message)) hear(message);
    });
    this.ended = new Promise((resolve) => {
      const end = (result: ChildEnd) => {
        this.#end ??= result;
        resolve(this.#end);
      };
      this.#spawned.on('exit', (code, signal) => end({ code, signal }));
      // It could not be started at all.
      this.#spawned.on('error', () => {
        if (this.#spawned.pid === undefined) end({ code: 127, signal: null });
      });
    });
  }

  get pid(): number {
    return this.#spawned.pid ?? 0;
  }

  get end(): ChildEnd | undefined {
    return this.#end;
  }

  /** A child that is just ending hears nothing any more; its end tells enough. */
  tell(message: FromWatchdog): void {
    if (this.#spawned.connected) this.#spawned.send(message, () => undefined);
  }

  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    if (this.#end === undefined) this.#spawned.kill(signal);
  }
}
