/** Functions by the time spent in them, over all threads. */

import { IDLE, type ThreadProfile } from './thread-profile.js';

export interface HotFunction {
  readonly name: string;
  /** Where it is: `kernel.wasm`, `tidemark/..`, a package's file; '' = V8 or Node itself. */
  readonly place: string;
  /** In the function itself. */
  readonly selfMs: number;
  /** With all it called. */
  readonly totalMs: number;
  /** Of the busy time of all threads. */
  readonly share: number;
  readonly threads: readonly string[];
}

const US_PER_MS = 1000;

/** Functions listed: beyond the tenth one each holds a percent or two. */
const LISTED = 10;

/** The ten with the most time of their own; waiting is no function. */
export function hottest(profiles: readonly ThreadProfile[]): HotFunction[] {
  const found = new Map<
    string,
    { name: string; place: string; selfUs: number; totalUs: number; threads: Set<string> }
  >();
  let busyUs = 0;
  for (const profile of profiles) {
    busyUs += threadTimes(profile).busyUs;
    const { selfUs, totalUs } = frameTimes(profile);
    profile.frames.forEach(({ name, place, call }, i) => {
      if (name === IDLE || totalUs[i] === 0) return;
      const key = `${name}\n${place}\n${call.lineNumber}`;
      const entry = found.get(key) ?? { name, place, selfUs: 0, totalUs: 0, threads: new Set<string>() };
      entry.selfUs += selfUs[i]!;
      entry.totalUs += totalUs[i]!;
      entry.threads.add(profile.name);
      found.set(key, entry);
    });
  }
  return [...found.values()]
    .sort((a, b) => b.selfUs - a.selfUs)
    .slice(0, LISTED)
    .map(({ name, place, selfUs, totalUs, threads }) => ({
      name,
      place,
      selfMs: selfUs / US_PER_MS,
      totalMs: totalUs / US_PER_MS,
      share: busyUs === 0 ? 0 : selfUs / busyUs,
      threads: [...threads],
    }));
}

/** What a thread's samples add up to, and the part in which it did not wait. */
export function threadTimes({ samples, nodes, frames }: ThreadProfile): {
  readonly allUs: number;
  readonly busyUs: number;
} {
  let [allUs, busyUs] = [0, 0];
  for (const { node, us } of samples) {
    allUs += us;
    if (frames[nodes[node]!.frame]!.name !== IDLE) busyUs += us;
  }
  return { allUs, busyUs };
}

/** µs by frame. Of a function that calls itself, its outermost call counts. */
function frameTimes({ samples, nodes, frames }: ThreadProfile): {
  readonly selfUs: number[];
  readonly totalUs: number[];
} {
  const selfUs = frames.map(() => 0);
  const totalUs = frames.map(() => 0);
  const self = nodes.map(() => 0);
  for (const { node, us } of samples) self[node]! += us;
  nodes.forEach(({ frame }, i) => {
    const us = self[i]!;
    if (us === 0) return;
    selfUs[frame]! += us;
    const seen = new Set<number>();
    for (let at = i; at >= 0; at = nodes[at]!.parent) seen.add(nodes[at]!.frame);
    for (const one of seen) totalUs[one]! += us;
  });
  return { selfUs, totalUs };
}
