/** Two partitions at once: what counts where an index falls behind, and Tantivy's best mode. */
import { join } from 'node:path';
import { type Corpus, partitionFolder } from '../harness/corpus.js';
import { withFolder } from '../harness/index-run.js';
import { measure } from '../harness/measure.js';
import type { Table } from '../harness/scenario.js';
import { median, pairedRatio } from '../harness/statistics.js';
import { commandOf } from './campaign.js';
import { PeerProcess } from './peer-process.js';
import type { Program } from './programs.js';
import { showRatio } from './tables.js';

export interface ThroughputOptions {
  /** Of two partitions. */
  readonly corpus: Corpus;
  readonly rounds: number;
  readonly log: (line: string) => void;
}

/** A way to build both partitions: processes that are told to run at the same moment. */
interface Mode {
  readonly name: string;
  readonly processes: readonly PeerProcess[];
}

/** Warm processes, the reference's two modes first. */
export async function throughputTable(
  programs: readonly Program[],
  { corpus, rounds, log }: ThroughputOptions,
): Promise<Table> {
  return withFolder(async (folder) => {
    const modes = modesOf(programs, corpus, folder);
    try {
      log(`throughput: ${modes.map(({ name }) => name).join('; ')}`);
      const calls = Object.fromEntries(modes.map((mode) => [mode.name, () => documentsPerSecond(mode)]));
      const samples = await measure(calls, { warmUps: 2, rounds });
      for (const { processes } of modes) for (const process of processes) await process.end();
      return tableOf(modes, samples);
    } finally {
      for (const { processes } of modes) for (const process of processes) process.kill();
    }
  });
}

function modesOf(programs: readonly Program[], corpus: Corpus, folder: string): Mode[] {
  const start = (program: Program, name: string, source: string, threads: number, more: readonly string[] = []) =>
    new PeerProcess(name, commandOf({ program, threads }, source, join(folder, name), more));
  const twice = (program: Program, name: string, more: readonly string[] = []) => ({
    name,
    processes: [0, 1].map((n) => start(program, `${name} ${n}`, join(corpus.uri, partitionFolder(corpus, n)), 1, more)),
  });
  return programs.flatMap((program) => {
    if (program.name === 'tidemark') {
      const one = 'Tidemark, one run on 2 threads, both partitions in one index';
      return [
        { name: one, processes: [start(program, one, corpus.uri, 2)] },
        twice(program, 'Tidemark twice, one thread each'),
      ];
    }
    if (program.name === 'tantivy')
      return [twice(program, 'Tantivy twice, one thread each, not merged', ['--no-merge'])];
    return program.name === 'bound' ? [twice(program, 'the bound twice, one thread each')] : [];
  });
}

/** All processes of a mode at once; the slowest one counts. */
async function documentsPerSecond({ processes }: Mode): Promise<number> {
  const reports = await Promise.all(processes.map((process) => process.run()));
  const docs = reports.reduce((sum, report) => sum + report.docs, 0);
  return (docs / Math.max(...reports.map(({ ms }) => ms))) * 1_000;
}

function tableOf(modes: readonly Mode[], samples: ReadonlyMap<string, readonly number[]>): Table {
  const others = modes.map(({ name }) => name);
  const [first, second] = others;
  const against = (name: string, own: string | undefined) =>
    own === undefined || own === name ? '-' : showRatio(pairedRatio(samples.get(own)!, samples.get(name)!));
  const rows = others.map((name) => {
    const rates = samples.get(name)!;
    const range = `${Math.round(Math.min(...rates)).toLocaleString('en-US')} to ${Math.round(Math.max(...rates)).toLocaleString('en-US')}`;
    return [name, Math.round(median(rates)), range, against(name, first), against(name, second)];
  });
  const columns = [
    'two partitions at once',
    'documents/s, median',
    'min to max',
    'Tidemark (one run) over it',
    'Tidemark (twice) over it',
  ];
  return { title: 'Throughput', columns, rows };
}
