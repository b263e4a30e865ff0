/** Makes a thread ready for its first task: its kernel is compiled before the trigger that needs it. */
import { waitForAllThreads } from '../base/rendezvous.js';
import { threadKernel } from '../kernel/kernel.js';
import type { EachTask } from '../shard/task.js';

export default function warm(task: EachTask): object {
  waitForAllThreads(task);
  return { kernelBytes: threadKernel().memoryBytes };
}
