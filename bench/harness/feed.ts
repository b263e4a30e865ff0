/** Generated partitions that land one by one under a live source, as an exporter writes them. */
import { copyFileSync, linkSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Corpus, partitionFolder } from './corpus.js';

/** Lands partition `n` of the corpus under `source`, at its own time. */
export function land(corpus: Corpus, n: number, source: string): void {
  const from = join(corpus.uri, partitionFolder(corpus, n));
  const to = join(source, partitionFolder(corpus, n));
  mkdirSync(to, { recursive: true });
  for (const file of readdirSync(from)) place(join(from, file), join(to, file));
}

/** The same file under another name: nothing is copied where the file system can link. */
export function place(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    copyFileSync(from, to);
  }
}
