/** What recording asks of a worker thread; loaded there by its URL, and only when a profile is wanted. */

import { TidemarkError } from '../base/errors.js';
import type { EachTask } from '../shard/task.js';
import type { SamplingOptions, ThreadRecording } from './recording.js';
import { startRecording, stopRecording } from './thread-recorder.js';

export type ThreadRequest = { readonly start: SamplingOptions } | { readonly stop: true };

export interface ThreadReply {
  readonly recording: ThreadRecording | undefined;
}

/** How long a thread waits for the others to begin: they are idle, so that only a defect takes longer. */
const BEGIN_MS = 30_000;

/** Waits until every thread is here, then begins or ends this one's recording. */
export default async function onThread({ argument, begun, threads }: EachTask, threadId: number): Promise<object> {
  Atomics.add(begun, 0, 1);
  Atomics.notify(begun, 0);
  for (let count = Atomics.load(begun, 0); count < threads; count = Atomics.load(begun, 0)) {
    if (Atomics.wait(begun, 0, count, BEGIN_MS) === 'timed-out') {
      throw new TidemarkError('internal', `${count} of ${threads} threads began to record`);
    }
  }
  const request = argument as ThreadRequest;
  if ('start' in request) await startRecording(request.start);
  const recording = 'stop' in request ? await stopRecording(threadId) : undefined;
  return { recording } satisfies ThreadReply;
}
