/** A revision's compiled sources with this checkout's benches around them: so both sides of a comparison are measured by the same code. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ROOT } from '../harness/command.js';

/**
 * Prepares `folder` so that scenarios in its `build/bench` run the sources of `name`: a git revision, built here, or a folder of
 * compiled sources, copied. Fails when neither is there or the revision does not build.
 */
export function prepareAside(name: string, folder: string): void {
  mkdirSync(join(folder, 'build'), { recursive: true });
  cpSync(
    existsSync(join(name, 'cli.js')) ? resolve(name) : buildRevision(name, `${folder}-tree`),
    join(folder, 'dist'),
    {
      recursive: true,
    },
  );
  cpSync(join(ROOT, 'build/bench'), join(folder, 'build/bench'), { recursive: true });
  // Benches import `#src/..`: the nearest package.json says what that is.
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', imports: { '#src/*': './dist/*' } }));
  const corpora = join(ROOT, 'build/bench-corpora');
  mkdirSync(corpora, { recursive: true });
  symlinkSync(corpora, join(folder, 'build/bench-corpora'));
  const modules = join(`${folder}-tree`, 'node_modules');
  symlinkSync(existsSync(modules) ? modules : join(ROOT, 'node_modules'), join(folder, 'node_modules'));
}

/** Kernel and sources of a revision in a worktree of its own; returns the folder of its compiled sources. */
function buildRevision(revision: string, tree: string): string {
  const run = (cwd: string, command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd, stdio: ['ignore', process.stderr, process.stderr] });
  run(ROOT, 'git', 'worktree', 'add', '--quiet', '--detach', '--force', tree, revision);
  const lockOf = (root: string) =>
    execFileSync('git', ['hash-object', join(root, 'package-lock.json')], { encoding: 'utf8' });
  if (lockOf(tree) === lockOf(ROOT)) symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
  else run(tree, 'npm', 'ci', '--ignore-scripts');
  run(tree, 'npx', 'asc', '--target', 'release');
  run(tree, 'npx', 'tsc', '-b', '.');
  return join(tree, 'dist');
}
