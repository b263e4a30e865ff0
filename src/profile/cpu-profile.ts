/**
 * One `.cpuprofile` of all threads, for Chrome DevTools. The format knows one thread, so theirs are laid one after the other, each
 * under a node of its own: then every thread's chart reads from left to right, and all totals are right.
 */

import type { CallFrame, CpuNode, CpuProfile, Recording } from './recording.js';
import type { ThreadProfile } from './thread-profile.js';

type OpenNode = Omit<CpuNode, 'children' | 'hitCount'> & { hitCount: number; readonly children: number[] };

/** As long as the recording times the threads. */
export function mergeCpuProfiles(recording: Recording, threads: readonly ThreadProfile[]): CpuProfile {
  const lengthUs = recording.endUs - recording.startUs;
  const nodes: OpenNode[] = [];
  const add = (callFrame: CallFrame, parent: OpenNode | undefined): OpenNode => {
    const node = { id: nodes.length + 1, callFrame, hitCount: 0, children: [] };
    nodes.push(node);
    parent?.children.push(node.id);
    return node;
  };
  const root = add(plainFrame('(root)'), undefined);
  const samples: number[] = [];
  const timeDeltas: number[] = [];
  let last = 0;
  threads.forEach((thread, t) => {
    const top = add(plainFrame(thread.name), root);
    const own: OpenNode[] = [];
    for (const { frame, parent } of thread.nodes) own.push(add(thread.frames[frame]!.call, own[parent] ?? top));
    for (const { node, startUs } of thread.samples) {
      const at = Math.round(t * lengthUs + startUs - recording.startUs);
      own[node]!.hitCount++;
      samples.push(own[node]!.id);
      timeDeltas.push(at - last);
      last = at;
    }
  });
  return { nodes, startTime: 0, endTime: Math.round(threads.length * lengthUs), samples, timeDeltas };
}

function plainFrame(functionName: string): CallFrame {
  return { functionName, scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 };
}
