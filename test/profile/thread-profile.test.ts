/** What V8 hands over, put right: late samples, sleeping pool threads, passages into WebAssembly, what lies outside the recording. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { flameData } from '#src/profile/flame-data.js';
import { hottest, threadTimes } from '#src/profile/hot-functions.js';
import { measureOverhead } from '#src/profile/overhead.js';
import type { CpuNode, CpuProfile, Recording } from '#src/profile/recording.js';
import { IDLE, type ThreadProfile, threadProfiles } from '#src/profile/thread-profile.js';

const PISCINA = 'file:///app/node_modules/piscina/dist/worker.js';
const DECODER = 'file:///app/node_modules/decoder/index.js';
const KERNEL = 'wasm://wasm/0001';
const OTHER = 'wasm://wasm/0002';

function node(id: number, functionName: string, url: string, ...children: number[]): CpuNode {
  return { id, callFrame: { functionName, scriptId: '1', url, lineNumber: 0, columnNumber: 0 }, children };
}

/** (root) > atomicsWaitLoop > work > js-to-wasm > kernel; work > decode > js-to-wasm > another module; (garbage collector) */
const NODES: readonly CpuNode[] = [
  node(1, '(root)', '', 2, 9),
  node(2, 'atomicsWaitLoop', PISCINA, 3),
  node(3, 'work', 'file:///app/own.js', 4, 6),
  node(4, 'js-to-wasm:i:', OTHER, 5),
  node(5, 'wasm/terms/internTerm', KERNEL),
  node(6, 'decode', DECODER, 7),
  node(7, 'js-to-wasm:i:', KERNEL, 8),
  node(8, 'wasm-function[7]', OTHER),
  node(9, '(garbage collector)', ''),
];

/** Samples by time; the profile begins at 0 and ends at `endTime`. */
function profileOf(samples: readonly (readonly [id: number, at: number])[], endTime: number): CpuProfile {
  const timeDeltas = samples.map(([, at], i) => at - (samples[i - 1]?.[1] ?? 0));
  return { nodes: NODES, startTime: 0, endTime, samples: samples.map(([id]) => id), timeDeltas };
}

function recorded(cpu: CpuProfile, startUs: number, endUs: number): ThreadProfile {
  const thread = { thread: 4, cpu, allocations: [], gc: [], storeCalls: [] };
  const nothing = { phases: [], tasks: [], runs: [], memory: [], kernels: [] };
  const [main, worker] = threadProfiles({
    ...nothing,
    startUs,
    endUs,
    threads: [{ ...thread, thread: 0 }, thread],
  } satisfies Recording);
  assert.deepEqual([main!.name, worker!.name], ['main', 'worker 1']);
  return worker!;
}

/** [function, from, to] of every stretch. */
function stretches({ samples, nodes, frames }: ThreadProfile): [string, number, number][] {
  return samples.map(({ node: at, startUs, us }) => [frames[nodes[at]!.frame]!.name, startUs, startUs + us]);
}

describe("a thread's profile", () => {
  it('is cut to the recording, a sample lasting until the next one', () => {
    const cpu = profileOf([[3, 5] as const, [5, 20], [5, 30], [9, 40]], 100);
    assert.deepEqual(stretches(recorded(cpu, 10, 60)), [
      ['work', 10, 20],
      ['wasm/terms/internTerm', 20, 40],
      ['(garbage collector)', 40, 60],
    ]);
  });

  it('puts a late sample where it belongs, so that no time counts twice', () => {
    const cpu = profileOf([[3, 0] as const, [5, 20], [8, 10], [3, 30]], 50);
    assert.deepEqual(stretches(recorded(cpu, 0, 50)), [
      ['work', 0, 10],
      ['wasm-function[7]', 10, 20],
      ['wasm/terms/internTerm', 20, 30],
      ['work', 30, 50],
    ]);
  });

  it("takes a pool thread's wait for a task as waiting, but not the task", () => {
    const profile = recorded(profileOf([[2, 0] as const, [3, 30]], 100), 0, 100);
    assert.deepEqual(stretches(profile), [
      [IDLE, 0, 30],
      ['work', 30, 100],
    ]);
    assert.deepEqual(threadTimes(profile), { allUs: 100, busyUs: 70 });
  });

  it('gives time in a passage into WebAssembly to its caller, and modules the names of their owners', () => {
    const profile = recorded(profileOf([[4, 0] as const, [5, 10], [8, 30]], 100), 0, 100);
    assert.deepEqual(
      hottest([profile]).map(({ name, place, selfMs, totalMs }) => [name, place, selfMs, totalMs]),
      [
        ['wasm-function[7]', 'decoder (wasm)', 0.07, 0.07],
        ['wasm/terms/internTerm', 'kernel.wasm', 0.02, 0.02],
        ['work', 'own.js', 0.01, 0.1],
        ['decode', 'decoder/index.js', 0, 0.07],
      ],
    );
  });

  it('becomes a tree whose times add up', () => {
    const { functions, threads } = flameData([recorded(profileOf([[2, 0] as const, [3, 30], [5, 60]], 100), 0, 100)]);
    const named = ([fn, total, self, calls]: (typeof threads)[number]): unknown => {
      const [name, , kind] = functions[fn]!;
      return [name, kind, total, self, calls.map(named)];
    };
    assert.deepEqual(named(threads[0]!), [
      'worker 1',
      'thread',
      100,
      0,
      [
        ['work', 'package', 70, 30, [['wasm/terms/internTerm', 'kernel', 40, 40, []]]],
        [IDLE, 'idle', 30, 30, []],
      ],
    ]);
  });
});

describe('the overhead of recording', () => {
  it('is measured in turns, and told as the median of the pairs', async () => {
    const order: string[] = [];
    const wall = { plain: [10, 20, 10], recorded: [11, 24, 13] };
    const run = (side: 'plain' | 'recorded') => async () => {
      order.push(side);
      return { wallMs: wall[side].shift()!, cpuMs: 1 };
    };
    const { wall: ratio, cpu, pairs } = await measureOverhead(3, run('plain'), run('recorded'));
    assert.deepEqual(order, ['plain', 'recorded', 'recorded', 'plain', 'plain', 'recorded']);
    assert.deepEqual(ratio, { median: 1.2, min: 1.1, max: 1.3 });
    assert.deepEqual(cpu, { median: 1, min: 1, max: 1 });
    assert.equal(pairs.length, 3);
  });
});
