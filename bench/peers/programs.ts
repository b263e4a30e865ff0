/** Every program that is measured: how it is started, and how it takes part. */
import { fileURLToPath } from 'node:url';
import { ROOT } from '../harness/command.js';
import { NATIVE_FOLDER, type ToolchainName } from './toolchains.js';

export interface Program {
  readonly name: string;
  /** Programs of one analyzer must find the same tokens. */
  readonly analyzer: 'simple' | 'standard';
  /** What builds it; none for Tidemark itself. */
  readonly toolchain?: ToolchainName;
  /** Command line without the flags that all take. */
  readonly command: readonly string[];
  /** Numbers of threads it is run on: those asked for, one, or the largest of those. */
  readonly threads: 'any' | 'one' | 'most';
  /** Builds before those that count. */
  readonly warmUps: number;
  /** Takes long or much memory: measured beside Tidemark alone, in fewer rounds. */
  readonly slow: boolean;
}

const local = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const native = (name: string) => `${NATIVE_FOLDER}/${name}`;
const tidemark = (analyzer: string) => [process.execPath, local('tidemark.js'), '--analyzer', analyzer];

/** Old objects move out of the way of young ones less often; a heap for the largest of them. */
const NODE_FLAGS = ['--max-semi-space-size=128', '--max-old-space-size=8192'];
const js = (library: string): Omit<Program, 'name'> => ({
  analyzer: 'simple',
  toolchain: 'js',
  command: [process.execPath, ...NODE_FLAGS, `${ROOT}bench/peers/js/peer.mjs`, '--library', library],
  threads: 'one',
  warmUps: 1,
  slow: true,
});

/** The JVM's compilers are done with a build of 9 million tokens by the fourth: later ones do not get faster. */
const JVM_WARM_UPS = 4;

/** In the order of the table. `tidemark` and `tidemark-standard` are what the others of their analyzer are set against. */
export const PROGRAMS: readonly Program[] = [
  {
    name: 'tidemark',
    analyzer: 'simple',
    command: tidemark('simple'),
    threads: 'any',
    warmUps: 3,
    slow: false,
  },
  {
    name: 'tidemark-standard',
    analyzer: 'standard',
    command: tidemark('standard'),
    threads: 'any',
    warmUps: 3,
    slow: false,
  },
  {
    name: 'bound',
    analyzer: 'simple',
    toolchain: 'native',
    command: [native('bound')],
    threads: 'any',
    warmUps: 1,
    slow: false,
  },
  {
    name: 'tantivy',
    analyzer: 'simple',
    toolchain: 'native',
    command: [native('tantivy')],
    threads: 'any',
    warmUps: 1,
    slow: false,
  },
  {
    name: 'lucene',
    analyzer: 'standard',
    toolchain: 'lucene',
    command: [`${ROOT}build/peers/lucene/run`, '--analyzer', 'standard'],
    threads: 'any',
    warmUps: JVM_WARM_UPS,
    slow: false,
  },
  {
    name: 'fts5',
    analyzer: 'simple',
    toolchain: 'native',
    command: [native('fts5')],
    threads: 'one',
    warmUps: 1,
    slow: false,
  },
  {
    name: 'pyspark',
    analyzer: 'simple',
    toolchain: 'pyspark',
    command: [`${ROOT}build/peers/pyspark/bin/python`, `${ROOT}bench/peers/pyspark/job.py`],
    threads: 'most',
    warmUps: 1,
    slow: true,
  },
  { name: 'js-map', ...js('map') },
  { name: 'flexsearch', ...js('flexsearch') },
  { name: 'minisearch', ...js('minisearch') },
  { name: 'orama', ...js('orama') },
  { name: 'lunr', ...js('lunr') },
];

/** What a program is set against. */
export function referenceOf({ analyzer }: Pick<Program, 'analyzer'>): string {
  return analyzer === 'simple' ? 'tidemark' : 'tidemark-standard';
}

/** The numbers of threads a program is run on. */
export function threadsOf({ threads }: Program, asked: readonly number[]): readonly number[] {
  if (threads === 'one') return [1];
  return threads === 'most' ? [Math.max(...asked)] : asked;
}
