/** A recording as the files that people open. */

import { mergeCpuProfiles } from './cpu-profile.js';
import type { Overhead } from './overhead.js';
import { profilePage } from './page.js';
import type { Recording, SamplingOptions } from './recording.js';
import { speedscopeFile } from './speedscope.js';
import { type Summary, summarize } from './summary.js';
import { threadProfiles } from './thread-profile.js';
import { traceFile } from './trace.js';

export interface ArtifactInput {
  readonly title: string;
  readonly facts: Readonly<Record<string, string>>;
  readonly sampling: SamplingOptions;
  readonly recording: Recording;
  readonly overhead: Overhead | undefined;
  /** The compiled `page/flame.ts`. */
  readonly script: string;
}

export interface Artifact {
  readonly name: string;
  readonly text: string;
  /** Where it is opened. */
  readonly use: string;
}

export interface Profile {
  readonly files: readonly Artifact[];
  readonly summary: Summary;
}

export function profileArtifacts(input: ArtifactInput): Profile {
  const { title, facts, recording, overhead } = input;
  const profiles = threadProfiles(recording);
  const summary = summarize(recording, profiles);
  const json = (name: string, use: string, value: unknown): Artifact => ({ name, use, text: JSON.stringify(value) });
  const files = [
    { name: 'profile.html', use: 'any browser', text: profilePage({ ...input, profiles, summary }) },
    json('profile.cpuprofile', 'Chrome DevTools, speedscope', mergeCpuProfiles(recording, profiles)),
    json('profile.speedscope.json', 'speedscope, a profile a thread', speedscopeFile(title, recording, profiles)),
    json('trace.json', 'Perfetto, chrome://tracing', traceFile(title, recording)),
    json('summary.json', 'scripts', { title, facts, ...summary, ...(overhead && { overhead }) }),
  ];
  return { files, summary };
}
