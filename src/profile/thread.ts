/** What recording asks of a worker thread; loaded there by its URL, and only when a profile is wanted. */

import { waitForAllThreads } from '../base/rendezvous.js';
import type { EachTask } from '../shard/task.js';
import type { SamplingOptions, ThreadRecording } from './recording.js';
import { startRecording, stopRecording } from './thread-recorder.js';

export type ThreadRequest = { readonly start: SamplingOptions } | { readonly stop: true };

export interface ThreadReply {
  readonly recording: ThreadRecording | undefined;
}

/** Waits until every thread is here, then begins or ends this one's recording. */
export default async function onThread(task: EachTask, threadId: number): Promise<object> {
  waitForAllThreads(task);
  const request = task.argument as ThreadRequest;
  if ('start' in request) await startRecording(request.start);
  const recording = 'stop' in request ? await stopRecording(threadId) : undefined;
  return { recording } satisfies ThreadReply;
}
