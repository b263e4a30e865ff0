/** Builds the programs that can be built here, and says why for each that cannot. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { ROOT } from '../harness/command.js';

export type ToolchainName = 'native' | 'lucene' | 'pyspark' | 'js';

interface Toolchain {
  /** On the PATH. */
  readonly needs: readonly string[];
  readonly command: readonly string[];
  readonly folder: string;
  /** There once it is built. */
  readonly made: string;
  /** Built in seconds and a few megabytes, so that even a smoke run may. */
  readonly quick: boolean;
}

const PEERS = `${ROOT}bench/peers`;
const BUILD = `${ROOT}build/peers`;

/** Where the native programs are; another place may be named, and nothing is built then. */
export const NATIVE_FOLDER = process.env.TIDEMARK_NATIVE_PEERS ?? `${PEERS}/native/target/release`;

const TOOLCHAINS: Readonly<Record<ToolchainName, Toolchain>> = {
  native: {
    needs: ['cargo'],
    command: ['cargo', 'build', '--release', '--locked', '--quiet'],
    folder: `${PEERS}/native`,
    made: `${NATIVE_FOLDER}/tantivy`,
    quick: false,
  },
  lucene: {
    needs: ['mvn', 'pip'],
    command: ['sh', 'make.sh', `${BUILD}/lucene`],
    folder: `${PEERS}/lucene`,
    made: `${BUILD}/lucene/run`,
    quick: false,
  },
  pyspark: {
    needs: ['python3', 'java'],
    command: ['sh', 'make.sh', `${BUILD}/pyspark`],
    folder: `${PEERS}/pyspark`,
    made: `${BUILD}/pyspark/ready`,
    quick: false,
  },
  js: {
    needs: ['npm'],
    command: ['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund'],
    folder: `${PEERS}/js`,
    made: `${PEERS}/js/node_modules/.package-lock.json`,
    quick: true,
  },
};

/** A cold build of Tantivy on two busy cores takes ten minutes. */
const BUILD_LIMIT_MS = 1_800_000;
const TAIL_LINES = 8;

/** Undefined where the programs are there, else why not. `smoke`: what takes long is used if it is there, but not built. */
export function buildToolchain(name: ToolchainName, smoke: boolean, log: (line: string) => void): string | undefined {
  const { needs, command, folder, made, quick } = TOOLCHAINS[name];
  const isGiven = name === 'native' && process.env.TIDEMARK_NATIVE_PEERS !== undefined;
  if (isGiven || (smoke && !quick)) {
    return existsSync(made)
      ? undefined
      : `${made} is not there, and ${isGiven ? 'another place was named' : 'a smoke run builds nothing large'}`;
  }
  if (!existsSync(folder)) return `${folder} is not there`;
  const missing = needs.filter((tool) => !isOnPath(tool));
  if (missing.length > 0) return `${missing.join(' and ')} not found on the PATH`;
  if (quick && existsSync(made)) return undefined;
  log(`building ${name}: ${command.join(' ')}`);
  const [program, ...args] = command;
  const { status, error, stdout, stderr } = spawnSync(program!, args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: BUILD_LIMIT_MS,
  });
  if (status === 0) return undefined;
  const lines = `${stdout}${stderr}`.trim().split('\n').slice(-TAIL_LINES);
  return [`the build failed (${error?.message ?? `exit ${status}`})`, ...lines].join('\n    ');
}

function isOnPath(tool: string): boolean {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(`${folder}/${tool}`));
}
