/** speedscope's own file format, one profile a thread: https://www.speedscope.app/file-format-schema.json */

import type { Recording } from './recording.js';
import type { Frame, ThreadProfile } from './thread-profile.js';

export interface SpeedscopeFile {
  readonly $schema: string;
  readonly exporter: string;
  readonly name: string;
  readonly activeProfileIndex: number;
  readonly shared: { readonly frames: readonly SpeedscopeFrame[] };
  readonly profiles: readonly SpeedscopeProfile[];
}

interface SpeedscopeFrame {
  readonly name: string;
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  readonly col?: number;
}

interface SpeedscopeProfile {
  readonly type: 'sampled';
  readonly name: string;
  readonly unit: 'microseconds';
  readonly startValue: number;
  readonly endValue: number;
  /** Stacks of frame numbers, outermost first. */
  readonly samples: readonly (readonly number[])[];
  readonly weights: readonly number[];
}

/** All threads share the recording's begin as their zero. */
export function speedscopeFile(
  name: string,
  { startUs }: Recording,
  threads: readonly ThreadProfile[],
): SpeedscopeFile {
  const frames: SpeedscopeFrame[] = [];
  const profiles = threads.map((thread) => {
    const base = frames.length;
    frames.push(...thread.frames.map(frameOf));
    const stacks: number[][] = [];
    for (const { frame, parent } of thread.nodes) stacks.push([...(stacks[parent] ?? []), base + frame]);
    const last = thread.samples.at(-1);
    return {
      type: 'sampled' as const,
      name: thread.name,
      unit: 'microseconds' as const,
      startValue: (thread.samples[0]?.startUs ?? startUs) - startUs,
      endValue: last === undefined ? 0 : last.startUs + last.us - startUs,
      samples: thread.samples.map(({ node }) => stacks[node]!),
      weights: thread.samples.map(({ us }) => us),
    };
  });
  return {
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    exporter: 'tidemark',
    name,
    activeProfileIndex: 0,
    shared: { frames },
    profiles,
  };
}

function frameOf({ name, place, call: { lineNumber, columnNumber } }: Frame): SpeedscopeFrame {
  if (place === '') return { name };
  return lineNumber < 0 ? { name, file: place } : { name, file: place, line: lineNumber + 1, col: columnNumber + 1 };
}
