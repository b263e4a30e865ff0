/** The repository as files: where it stands, what it tracks, and what a source file imports. */

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The top folder, with its closing slash; compiled tests stand three folders below it. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** One import or re-export of another module. */
export interface ImportLine {
  readonly specifier: string;
  /** Erased by the compiler: `import type`, `export type`, `typeof import(..)`. */
  readonly typeOnly: boolean;
  /** First line is 1. */
  readonly line: number;
}

export interface SourceFile {
  /** From `src/`, with forward slashes: `store/file.ts`. */
  readonly path: string;
  readonly text: string;
  /** The text with comments blanked out, line for line. */
  readonly code: string;
  readonly imports: readonly ImportLine[];
}

const COMMENT = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/[^\n]*/g;
const FROM = /^(?:import|export)\s+(type\s)?[^;'"]*?from\s+'([^']+)'|^import\s+'([^']+)'/gm;
const CALL = /(typeof\s+)?\bimport\('([^']+)'\)/g;

/** Blanks comments out, so that a rule on code does not read prose; line numbers stay. */
export function withoutComments(text: string): string {
  return text.replace(COMMENT, (comment) => comment.replace(/[^\n]/g, ' '));
}

/** What a source text imports, statically or by a call. */
export function importsOf(code: string): ImportLine[] {
  const lineOf = (index: number) => code.slice(0, index).split('\n').length;
  const fixed = [...code.matchAll(FROM)].map((match) => ({
    specifier: (match[2] ?? match[3])!,
    typeOnly: match[1] !== undefined,
    line: lineOf(match.index),
  }));
  const called = [...code.matchAll(CALL)].map((match) => ({
    specifier: match[2]!,
    typeOnly: match[1] !== undefined,
    line: lineOf(match.index),
  }));
  return [...fixed, ...called];
}

/** Every TypeScript file under `src/`, sorted by path. */
export function sourceFiles(): SourceFile[] {
  return readdirSync(join(ROOT, 'src'), { recursive: true })
    .map((path) => String(path).replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => {
      const text = readFileSync(join(ROOT, 'src', path), 'utf8');
      const code = withoutComments(text);
      return { path, text, code, imports: importsOf(code) };
    });
}

/** Paths of all tracked files that stand in the working tree, from the top folder; undefined where there is no git to ask (an unpacked archive). */
export function trackedFiles(): string[] | undefined {
  try {
    const options = { cwd: ROOT, encoding: 'utf8', stdio: 'pipe', maxBuffer: 1 << 26 } as const;
    return execFileSync('git', ['ls-files', '-z'], options)
      .split('\0')
      .filter((path) => path !== '' && existsSync(join(ROOT, path)));
  } catch {
    return undefined;
  }
}
