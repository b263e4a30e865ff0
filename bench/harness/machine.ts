/** The machine that figures come from: no figure means anything without it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

export interface Machine {
  /** Model of the processor as it names itself. */
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly platform: string;
  readonly node: string;
  readonly v8: string;
  /** Runnable threads of the last minute when the label was made: above 0.3 a core, figures are to be doubted. */
  readonly load: number;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    v8: process.versions.v8,
    load: Math.round(loadavg()[0]! * 100) / 100,
  };
}

/** One line for people. */
export function machineLabel({ cpu, cores, memoryGiB, platform, node, load }: Machine): string {
  return `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${platform}, Node ${node}, load ${load} at the start`;
}

/** What figures of one machine are kept under: all that changes speed, without the load of the moment. */
export function machineKey({ cpu, cores, platform, node }: Machine): string {
  return `${cpu}, ${cores} cores, ${platform}, Node ${node.split('.')[0]}`;
}

/** Largest resident memory of this process so far, all threads, in bytes. */
export function peakMemoryBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}

/**
 * Largest resident memory since `resetPeakMemory`, in bytes; where the system cannot reset it, since the process began.
 * Linux: `VmHWM` of proc(5).
 */
export function recentPeakMemoryBytes(): number {
  try {
    const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (kib !== undefined) return Number(kib) * 1024;
  } catch {
    // Not Linux.
  }
  return peakMemoryBytes();
}

/** Starts the peak anew; without effect where the system does not offer it. */
export function resetPeakMemory(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Not Linux, or not allowed: the peak is then that of the whole process.
  }
}
