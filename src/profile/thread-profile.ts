/** A thread's CPU profile, cut to the recording and put into one shape: frames, call tree, samples with a length each. */

import type { CallFrame, CpuNode, CpuProfile, Recording, ThreadRecording } from './recording.js';
import { threadNames } from './recording.js';

export const IDLE = '(idle)';
export const GC = '(garbage collector)';

export interface Frame {
  readonly name: string;
  /** A person's short form of where it is: `tidemark/worker/entry.js`, `kernel.wasm`, `piscina/dist/worker.js`, '' = V8 itself. */
  readonly place: string;
  /** As V8 gives it. */
  readonly call: CallFrame;
}

export interface ProfileNode {
  readonly frame: number;
  /** -1 for the calls at the thread's bottom. A parent stands before its children. */
  readonly parent: number;
}

export interface ProfileSample {
  readonly node: number;
  readonly startUs: number;
  readonly us: number;
}

export interface ThreadProfile {
  /** `main`, `worker 1`, .. */
  readonly name: string;
  readonly frames: readonly Frame[];
  readonly nodes: readonly ProfileNode[];
  /** In time order; they cover the recording without a gap from the first one on, equal neighbours as one. */
  readonly samples: readonly ProfileSample[];
}

/** All threads of a recording, main first. */
export function threadProfiles(recording: Recording): ThreadProfile[] {
  const names = threadNames(recording.threads);
  return recording.threads.map((thread, i) => profileOf(thread, names[i]!, recording));
}

function profileOf({ cpu }: ThreadRecording, name: string, { startUs, endUs }: Recording): ThreadProfile {
  const tree = treeOf(cpu.nodes);
  const samples: { node: number; startUs: number; us: number }[] = [];
  const taken = timesOf(cpu);
  taken.forEach(({ id, atUs }, i) => {
    // A sample stands for the time up to the next one; what came before the first is not known.
    const from = Math.max(startUs, atUs);
    const to = Math.min(endUs, taken[i + 1]?.atUs ?? cpu.endTime);
    if (to <= from) return;
    const node = tree.nodeOf.get(id)!;
    const last = samples.at(-1);
    if (last !== undefined && last.node === node && last.startUs + last.us === from) last.us += to - from;
    else samples.push({ node, startUs: from, us: to - from });
  });
  return { name, frames: tree.frames, nodes: tree.nodes, samples };
}

/** Samples with their times, in order: V8 hands over a late one now and then after its successor. */
function timesOf({ startTime, samples, timeDeltas }: CpuProfile): { readonly id: number; readonly atUs: number }[] {
  let at = startTime;
  return timeDeltas
    .map((delta, i) => {
      at += delta;
      return { id: samples[i]!, atUs: at };
    })
    .sort((a, b) => a.atUs - b.atUs);
}

interface Tree {
  readonly frames: readonly Frame[];
  readonly nodes: readonly ProfileNode[];
  /** Of V8's node ids. */
  readonly nodeOf: ReadonlyMap<number, number>;
}

const IDLE_CALL: CallFrame = { functionName: IDLE, scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 };

function treeOf(cpuNodes: readonly CpuNode[]): Tree {
  const byId = new Map(cpuNodes.map((node) => [node.id, node]));
  const calls = new CallTable();
  const nodes: ProfileNode[] = [{ frame: calls.add(IDLE_CALL, ''), parent: -1 }];
  const idle = 0;
  const nodeOf = new Map<number, number>();
  const [root] = cpuNodes;
  const walk = (root?.children ?? []).map((id) => ({ id, parent: -1, caller: '' }));
  for (let next = walk.pop(); next !== undefined; next = walk.pop()) {
    const { callFrame, children } = byId.get(next.id)!;
    // A pool thread without a task sleeps in this loop, and V8 takes its sleep for work.
    const isIdle = callFrame.functionName === IDLE || isPoolWait(callFrame);
    const isSpliced = next.parent >= 0 && isWrapper(callFrame.functionName);
    const node = isIdle
      ? idle
      : isSpliced
        ? next.parent
        : nodes.push({ frame: calls.add(callFrame, next.caller), parent: next.parent }) - 1;
    nodeOf.set(next.id, node);
    const parent = isIdle ? -1 : node;
    const caller = callFrame.url === '' || callFrame.url.startsWith(WASM) ? next.caller : callFrame.url;
    for (const id of children ?? []) walk.push({ id, parent, caller });
  }
  if (root !== undefined) nodeOf.set(root.id, idle);
  return { frames: calls.frames(), nodes, nodeOf };
}

function isPoolWait({ functionName, url }: CallFrame): boolean {
  return functionName === 'atomicsWaitLoop' && url.includes('/piscina/');
}

/** V8's passage into WebAssembly: shared by all modules with the same signature, so that it tells nothing and names any of them. */
function isWrapper(functionName: string): boolean {
  return functionName.startsWith('js-to-wasm:');
}

const OWN = new URL('../', import.meta.url).href;
const WASM = 'wasm://';
const PACKAGE = /^.*\/node_modules\/(.+)$/;

/** Each function once. V8 names a WebAssembly module by a hash: the kernel is known by its functions' names, others by who calls them. */
class CallTable {
  readonly #calls: CallFrame[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #places = new Map<string, string>();

  /** `caller` = script of the nearest JavaScript function above. */
  add(call: CallFrame, caller: string): number {
    const { functionName, url, lineNumber, columnNumber } = call;
    if (url.startsWith(WASM)) this.#notePlace(functionName, url, caller);
    const key = `${functionName}\n${url}\n${lineNumber}\n${columnNumber}`;
    const number = this.#numbers.get(key) ?? this.#calls.push(call) - 1;
    this.#numbers.set(key, number);
    return number;
  }

  #notePlace(functionName: string, url: string, caller: string): void {
    if (isWrapper(functionName)) return;
    const name = PACKAGE.exec(caller)?.[1]?.split('/')[0];
    if (functionName.startsWith('wasm/')) this.#places.set(url, 'kernel.wasm');
    else if (name !== undefined && !this.#places.has(url)) this.#places.set(url, `${name} (wasm)`);
  }

  frames(): Frame[] {
    return this.#calls.map((call) => {
      const name = call.functionName === '' ? '(anonymous)' : call.functionName;
      return { name, place: this.#places.get(call.url) ?? placeOf(call.url), call };
    });
  }
}

/** Where a script is, without the machine's folders. */
export function placeOf(url: string): string {
  if (url.startsWith(OWN)) return `tidemark/${url.slice(OWN.length)}`;
  const inPackage = PACKAGE.exec(url);
  if (inPackage !== null) return inPackage[1]!;
  return url.startsWith('file:') ? url.slice(url.lastIndexOf('/') + 1) : url;
}
