/** Seeded partitions on disk, generated once: kept under the build folder by what decides their bytes. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '#src/base/time.js';
import { type GenReport, generate } from '#src/gen/generate.js';
import { GEN_PRESETS, type GenOptions } from '#src/gen/options.js';
import { formatPartition } from '#src/partition/key.js';
import { compileTemplate } from '#src/partition/template.js';
import { openStore } from '#src/store/open.js';
import { ROOT } from './command.js';

/** How generated partitions lie under their source. */
export const TEMPLATE = compileTemplate('dt=%Y-%m-%d/hour=%H/minute=%M');

const CORPORA = join(ROOT, 'build/bench-corpora');
const REPORT = '_report.json';

/** A source of partitions. */
export interface Corpus {
  /** Folder that the partitions lie under. */
  readonly uri: string;
  readonly options: GenOptions;
  readonly report: GenReport;
}

/**
 * Below so many documents a vocabulary of half a million words takes longer to make than the rows, which meet few of them: such
 * corpora serve smoke runs, and get by with fewer.
 */
const SMALL_DOCS = 5_000;
const SMALL_VOCABULARY = 20_000;

/** The bench corpus with some options changed; found again if it was made before with the same generator. */
export async function corpus(changes: Partial<GenOptions> = {}): Promise<Corpus> {
  const { docs = GEN_PRESETS.bench.docs } = changes;
  const words = docs < SMALL_DOCS ? { vocabulary: SMALL_VOCABULARY } : {};
  const options = { ...GEN_PRESETS.bench, ...words, ...changes };
  const uri = join(CORPORA, corpusName(options));
  if (!existsSync(join(uri, REPORT))) await make(options, uri);
  return { uri, options, report: JSON.parse(readFileSync(join(uri, REPORT), 'utf8')) as GenReport };
}

async function make(options: GenOptions, uri: string): Promise<void> {
  mkdirSync(CORPORA, { recursive: true });
  const aside = `${uri}.${process.pid}`;
  const store = await openStore({ uri: aside }, systemClock);
  const report = await generate(options, { store, folderOf: (time) => formatPartition(TEMPLATE, time) });
  store.close();
  // A name with an underscore is no data to whoever lists the source.
  writeFileSync(join(aside, REPORT), JSON.stringify(report));
  rmSync(uri, { recursive: true, force: true });
  renameSync(aside, uri);
}

/** Named by the options and by the generator's own code, so that neither an old corpus nor an old generator is met. */
function corpusName(options: GenOptions): string {
  const hash = createHash('sha256').update(JSON.stringify(options));
  const code = new URL('../../../dist/gen/', import.meta.url);
  for (const file of readdirSync(code).sort()) if (file.endsWith('.js')) hash.update(readFileSync(new URL(file, code)));
  return `${options.docs}-${options.scripts}-${options.codec}-${hash.digest('hex').slice(0, 12)}`;
}

/** Folder of the n-th generated partition below its source. */
export function partitionFolder({ options }: Corpus, n: number): string {
  return formatPartition(TEMPLATE, options.startMs + n * options.everyMs);
}
