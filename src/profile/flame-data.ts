/** Call trees of all threads, small enough to stand in a page: calls of one function from one caller are one, slivers are left out. */

import { type Frame, GC, IDLE, type ThreadProfile } from './thread-profile.js';

/** What a frame is: decides its colour. */
export type FrameKind = 'kernel' | 'wasm' | 'own' | 'package' | 'node' | 'gc' | 'idle' | 'thread';

/** [function's number in `functions`, µs with all it called, µs of its own, calls], calls by time. */
export type FlameNode = readonly [fn: number, totalUs: number, selfUs: number, calls: readonly FlameNode[]];

export interface FlameData {
  /** [name, place, kind] */
  readonly functions: readonly (readonly [name: string, place: string, kind: FrameKind])[];
  /** One top node a thread, in the threads' order. */
  readonly threads: readonly FlameNode[];
}

/** Share of the longest thread below which a frame is left out: a pixel is a thousandth of a wide page, and ten times that can be zoomed. */
const MIN_SHARE = 1e-4;

interface Growing {
  readonly fn: number;
  totalUs: number;
  selfUs: number;
  readonly calls: Map<number, Growing>;
}

export function flameData(profiles: readonly ThreadProfile[]): FlameData {
  const functions: [string, string, FrameKind][] = [];
  const numbers = new Map<string, number>();
  const numberOf = (name: string, place: string, kind: FrameKind, line = -1) => {
    const key = `${name}\n${place}\n${line}\n${kind}`;
    const number = numbers.get(key) ?? functions.push([name, place, kind]) - 1;
    numbers.set(key, number);
    return number;
  };
  const grown = profiles.map((profile) => {
    const own = profile.frames.map((frame) => numberOf(frame.name, frame.place, kindOf(frame), frame.call.lineNumber));
    return grow(profile, own, numberOf(profile.name, '', 'thread'));
  });
  const leastUs = MIN_SHARE * grown.reduce((most, { totalUs }) => Math.max(most, totalUs), 0);
  return { functions, threads: grown.map((top) => settle(top, leastUs)) };
}

function grow({ nodes, samples }: ThreadProfile, functions: readonly number[], thread: number): Growing {
  const top: Growing = { fn: thread, totalUs: 0, selfUs: 0, calls: new Map() };
  const own: Growing[] = [];
  for (const { frame, parent } of nodes) {
    const above = own[parent] ?? top;
    const fn = functions[frame]!;
    const node = above.calls.get(fn) ?? { fn, totalUs: 0, selfUs: 0, calls: new Map() };
    above.calls.set(fn, node);
    own.push(node);
  }
  for (const { node, us } of samples) {
    own[node]!.selfUs += us;
    top.totalUs += us;
    for (let at = node; at >= 0; at = nodes[at]!.parent) own[at]!.totalUs += us;
  }
  return top;
}

function settle({ fn, totalUs, selfUs, calls }: Growing, leastUs: number): FlameNode {
  const kept = [...calls.values()]
    .filter((call) => call.totalUs >= leastUs && call.totalUs > 0)
    .sort((a, b) => b.totalUs - a.totalUs)
    .map((call) => settle(call, leastUs));
  return [fn, Math.round(totalUs), Math.round(selfUs), kept];
}

function kindOf({ name, place }: Frame): FrameKind {
  if (name === IDLE) return 'idle';
  if (name === GC) return 'gc';
  if (place === 'kernel.wasm') return 'kernel';
  if (place.endsWith('(wasm)') || place.startsWith('wasm:')) return 'wasm';
  if (place.startsWith('tidemark/')) return 'own';
  return place === '' || place.startsWith('node:') ? 'node' : 'package';
}
